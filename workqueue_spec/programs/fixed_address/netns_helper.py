"""Runs in a new network namespace: binds a port in it, sends the file descriptors that keep it, and ends.

`netns_helper.py PORT ADDRESS...`, with one end of a pair of Unix sockets as its standard input. It sends the
descriptors of the network namespace and of the user namespace, then a bound socket for each address that the
system has.
"""

import fcntl
import os
import socket
import struct
import sys

SIOCSIFFLAGS = 0x8914
IFF_UP = 0x1


def bring_up_loopback() -> None:
    """Brings up the interface `lo`, which is down in a new network namespace."""
    request = struct.pack("16sh22x", b"lo", IFF_UP)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, request)


def bound(host: str, port: int) -> socket.socket:
    """A TCP socket that is bound to the address and does not listen. Raises OSError if there is no such address."""
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    # It may listen again while connections that it has accepted are open or have just ended.
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((host, port))
    return made


def main() -> None:
    """Sends the descriptors of the namespaces and of the bound sockets over standard input."""
    bring_up_loopback()
    descriptors = [os.open(f"/proc/self/ns/{kind}", os.O_RDONLY) for kind in ("net", "user")]
    port, hosts = int(sys.argv[1]), sys.argv[2:]
    for host in hosts:
        try:
            descriptors.append(bound(host, port).detach())
        except OSError:
            if host == hosts[0]:  # the others exist only if the system has IPv6
                raise
    with socket.socket(fileno=sys.stdin.fileno()) as channel:
        socket.send_fds(channel, [b"."], descriptors)


if __name__ == "__main__":
    main()
