"""One door for all: the port of the machine that every process under test comes to, where none can have a
network of its own. Who comes is known by its process, and is led to its own tap.
"""

import asyncio
import contextlib
import errno
import logging
import socket
import struct
from collections.abc import Sequence
from functools import partial

from ...timeouts import POLL
from ...wiretap import LoopThread, NewClient, OwnPort
from .peer_process import party_at
from .placement import hosts

_log = logging.getLogger(__name__)
_BACKLOG = 128
_LOOKS = 10
"""How often it is asked whose a connection is: a process that has just been forked may not be known yet."""
_NO_LINGER = struct.pack("ii", 1, 0)


def own_ports(host: str, port: int) -> list[OwnPort]:
    """The port at each address of the host that this machine has. Raises OSError where it is taken."""
    taken: list[OwnPort] = []
    with contextlib.ExitStack() as undo:
        for each in hosts(host):
            try:
                taken.append(OwnPort(each, port))
                undo.callback(taken[-1].give_back)
            except OSError as error:
                if not taken or error.errno == errno.EADDRINUSE:
                    raise
        undo.pop_all()
    return taken


class SharedPort:
    """The machine's port, kept until `close`. It listens while any tap behind it does."""

    def __init__(self, loop_thread: LoopThread, host: str, port: int) -> None:
        """Raises OSError where the port is taken."""
        self.host = host
        self.port = port
        self._wire = loop_thread
        self._loop = loop_thread.loop
        self._ports = own_ports(host, port)
        self._placements: list[SharedPortPlacement] = []
        self._listeners: list[socket.socket] = []
        self._arrivals: set[asyncio.Task[None]] = set()

    def placement(self, mark: str) -> "SharedPortPlacement":
        """A spot behind the door."""
        placement = SharedPortPlacement(self, mark)
        self._placements.append(placement)
        return placement

    def close(self) -> None:
        """Gives the port back."""
        self._wire.call(self._close)

    # In the wire's thread

    def open_or_shut(self) -> None:
        """Listens if a tap behind it does, so that the kernel refuses who connects if none does."""
        wanted = any(placement.new_client for placement in self._placements)
        if wanted and not self._listeners:
            self._listeners = [port.listener() for port in self._ports]
            for listener in self._listeners:
                listener.listen(_BACKLOG)
                listener.setblocking(False)
                self._loop.add_reader(listener, self._arrived, listener)
        if not wanted:
            for listener in self._listeners:
                self._loop.remove_reader(listener)
                listener.close()
            self._listeners = []

    def forget(self, placement: "SharedPortPlacement") -> None:
        """The placement comes no more."""
        self._placements.remove(placement)

    def _close(self) -> None:
        for port in self._ports:
            port.give_back()
        for arrival in self._arrivals:
            arrival.cancel()

    def _arrived(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            client, _ = listener.accept()
            arrival = self._loop.create_task(self._lead(client))
            self._arrivals.add(arrival)
            arrival.add_done_callback(self._arrivals.discard)

    async def _lead(self, client: socket.socket) -> None:
        """To its own tap. Where that refuses, while another's does not, the connection is reset instead."""
        new_client: NewClient | None = None
        try:
            placement = await self._whose(client)
            new_client = placement.new_client if placement is not None else None
        finally:
            if new_client is None:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
                client.close()
        if new_client is not None:
            await self._loop.connect_accepted_socket(new_client, client)

    async def _whose(self, client: socket.socket) -> "SharedPortPlacement | None":
        for _ in range(_LOOKS):
            look = partial(party_at, client, tuple(self._placements))
            with contextlib.suppress(OSError):
                if placement := await self._loop.run_in_executor(None, look):
                    return placement
            await asyncio.sleep(POLL)
        _log.warning("a connection to %s:%d is no program's under test", self.host, self.port)
        return None


class SharedPortPlacement:
    """A spot behind a door, and the address of the tap there."""

    def __init__(self, door: SharedPort, mark: str) -> None:
        self.mark = mark
        self.pid: int | None = None
        self.host = door.host
        self.port = door.port
        self.new_client: NewClient | None = None
        """Makes what serves a connection; None while the tap refuses."""
        self._door = door

    # As a spot

    @property
    def address(self) -> "SharedPortPlacement":
        return self

    def command(self, command: Sequence[str]) -> list[str]:
        return list(command)

    def started(self, pid: int) -> None:
        self.pid = pid

    def close(self) -> None: ...

    # As an address

    async def listen(self, loop: asyncio.AbstractEventLoop, new_client: NewClient) -> None:
        self.new_client = new_client
        self._door.open_or_shut()

    def refuse(self) -> None:
        self.new_client = None
        self._door.open_or_shut()

    def give_back(self) -> None:
        self._door.forget(self)
