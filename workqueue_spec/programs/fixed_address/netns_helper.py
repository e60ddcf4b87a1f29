"""Run in a network namespace that was made for it: binds a port there, hands over what keeps it, and ends.

`holder.py PORT ADDRESS...`, with one end of a pair of Unix sockets as its standard input. Over that go the
namespaces themselves, network and user, then a bound socket for each address that there is.
"""

import fcntl
import os
import socket
import struct
import sys

SIOCSIFFLAGS = 0x8914
IFF_UP = 0x1


def bring_up_loopback() -> None:
    request = struct.pack("16sh22x", b"lo", IFF_UP)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as anything:
        fcntl.ioctl(anything, SIOCSIFFLAGS, request)


def bound(host: str, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    # It may listen again while connections that it has accepted are open or have just ended.
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((host, port))
    return made


def main() -> None:
    bring_up_loopback()
    handles = [os.open(f"/proc/self/ns/{kind}", os.O_RDONLY) for kind in ("net", "user")]
    port, hosts = int(sys.argv[1]), sys.argv[2:]
    for host in hosts:
        try:
            handles.append(bound(host, port).detach())
        except OSError:
            if host == hosts[0]:  # the others are there where the system has IPv6
                raise
    with socket.socket(fileno=sys.stdin.fileno()) as channel:
        socket.send_fds(channel, [b"."], handles)


if __name__ == "__main__":
    main()
