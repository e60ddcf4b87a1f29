"""A network namespace for each process under test: the port is always free in it, and no other process uses it.

A namespace exists for as long as something refers to it. Only file descriptors of this process and the program
in the namespace refer to these, so a namespace disappears with them, however they end, and no process has to
stay in one to keep it. `unshare` and `nsenter`, of util-linux, do what a process with threads cannot do for
itself.
"""

import functools
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ...wiretap import PassedSockets
from .placement import hosts

Kind = tuple[str, ...]
"""Which namespaces are made for a process, such as `("user", "net")`."""

KINDS: Sequence[Kind] = (("net",), ("user", "net"))
"""Root gets a network namespace. An ordinary user gets a network namespace within a user namespace, in which the
user's id stays the same. In both, a process has the loopback interface and no other network."""

_UNSHARE = {"net": ["--net"], "user": ["--user", "--map-current-user", "--keep-caps"]}
_HELPER = Path(__file__).with_name("netns_helper.py")
_MOST_DESCRIPTORS = 8
_LONGEST = 30.0
"""Seconds that making a namespace may take; it takes about 0.02 s."""


class NamespacePlacement:
    """A placement in a network namespace of its own."""

    def __init__(self, kind: Kind, host: str, port: int) -> None:
        """Raises OSError if the system does not let us make such a namespace."""
        network, user, *sockets = _make(kind, port, hosts(host))
        self._kind = kind
        self._descriptors = {"net": network, "user": user}
        self.address = PassedSockets(host, [socket.socket(fileno=each) for each in sockets])

    def command(self, command: Sequence[str]) -> list[str]:
        """The command run by `nsenter`, which becomes the program: there is one process, and it inherits no
        additional file descriptor.
        """
        namespaces = [f"--{each}=/proc/{os.getpid()}/fd/{self._descriptors[each]}" for each in self._kind]
        return ["nsenter", "--preserve-credentials", *namespaces, "--", *command]

    def started(self, pid: int) -> None:
        """Does nothing: every connection in the namespace is this process's."""

    def close(self) -> None:
        """Closes the descriptors that keep the namespaces."""
        while self._descriptors:
            os.close(self._descriptors.popitem()[1])


def _make(kind: Kind, port: int, addresses: Sequence[str]) -> list[int]:
    """The file descriptors of new namespaces and of sockets in them, as the helper process sends them."""
    flags = [flag for each in kind for flag in _UNSHARE[each]]
    helper = [sys.executable, "-I", "-S", str(_HELPER), str(port), *addresses]
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            _run(["unshare", *flags, "--", *helper], theirs.fileno())
        _, descriptors, _, _ = socket.recv_fds(ours, 1, _MOST_DESCRIPTORS)
    return descriptors


def _run(command: Sequence[str], stdin: int = subprocess.DEVNULL) -> None:
    try:
        done = subprocess.run(
            command, stdin=stdin, capture_output=True, text=True, check=False, timeout=_LONGEST
        )
    except subprocess.TimeoutExpired as error:
        raise OSError(f"{command[0]} did not end within {_LONGEST:.0f} s") from error
    if done.returncode != 0:
        raise OSError((done.stderr.strip().splitlines() or [f"{command[0]} failed"])[-1])


@functools.cache
def usable_kind(host: str, port: int) -> Kind | None:
    """The first of `KINDS` that the system lets us make and enter; None if it allows none of them."""
    for kind in KINDS:
        try:
            placement = NamespacePlacement(kind, host, port)
        except OSError:
            continue
        try:
            _run(placement.command([sys.executable, "-I", "-S", "-c", ""]))
            return kind
        except OSError:
            continue
        finally:
            placement.close()
            placement.address.give_back()
    return None
