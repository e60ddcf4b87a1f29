"""A network namespace for each process under test: there the port is always free, and the process's alone.

A namespace lives for as long as something refers to it. What refers to these are handles of this process and
the program in it, so it goes with them, however they end, and nobody has to stay in one to keep it. `unshare`
and `nsenter`, of util-linux, do what a process with threads cannot do for itself.
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
"""Which namespaces are made."""

KINDS: Sequence[Kind] = (("net",), ("user", "net"))
"""For root a network namespace. For an ordinary user one within a user namespace, in which he is who he is. In
either a process has the loopback interface and no other network."""

_UNSHARE = {"net": ["--net"], "user": ["--user", "--map-current-user", "--keep-caps"]}
_HELPER = Path(__file__).with_name("netns_helper.py")
_MOST_HANDLES = 8
_LONGEST = 30.0
"""Seconds that a namespace may take; it takes a fiftieth of one."""


class NamespacePlacement:
    """A spot in a network namespace of its own."""

    def __init__(self, kind: Kind, host: str, port: int) -> None:
        """Raises OSError where the system lets us have none."""
        network, user, *sockets = _made(kind, port, hosts(host))
        self._kind = kind
        self._handles = {"net": network, "user": user}
        self.address = PassedSockets(host, [socket.socket(fileno=each) for each in sockets])

    def command(self, command: Sequence[str]) -> list[str]:
        """`nsenter` becomes the program: there is one process, and it has no handle that it would not have."""
        ways = [f"--{each}=/proc/{os.getpid()}/fd/{self._handles[each]}" for each in self._kind]
        return ["nsenter", "--preserve-credentials", *ways, "--", *command]

    def started(self, pid: int) -> None: ...

    def close(self) -> None:
        while self._handles:
            os.close(self._handles.popitem()[1])


def _made(kind: Kind, port: int, addresses: Sequence[str]) -> list[int]:
    """The handles that the holder hands over."""
    flags = [flag for each in kind for flag in _UNSHARE[each]]
    holder = [sys.executable, "-I", "-S", str(_HELPER), str(port), *addresses]
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            _run(["unshare", *flags, "--", *holder], theirs.fileno())
        _, handles, _, _ = socket.recv_fds(ours, 1, _MOST_HANDLES)
    return handles


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
    """The first kind that the system lets us make and enter; None where it lets us have none."""
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
