"""One door for all: the port of the machine that every process under test comes to, where none can have a
network of its own. Who comes is known by its process, and is led to its own tap."""

import asyncio
import contextlib
import errno
import logging
import socket
import struct
from collections.abc import Sequence
from functools import partial

from ..patience import POLL
from ..wiretap import NewClient, OwnPort, Wire
from .owner import party_at
from .spot import hosts

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


class Door:
    """The machine's port, kept until `close`. It listens while any tap behind it does."""

    def __init__(self, wire: Wire, host: str, port: int) -> None:
        """Raises OSError where the port is taken."""
        self.host = host
        self.port = port
        self._wire = wire
        self._loop = wire.loop
        self._ports = own_ports(host, port)
        self._guests: list[Guest] = []
        self._listeners: list[socket.socket] = []
        self._arrivals: set[asyncio.Task[None]] = set()

    def spot(self, mark: str) -> "Guest":
        """A spot behind the door."""
        guest = Guest(self, mark)
        self._guests.append(guest)
        return guest

    def close(self) -> None:
        """Gives the port back."""
        self._wire.call(self._close)

    # In the wire's thread

    def open_or_shut(self) -> None:
        """Listens if a tap behind it does, so that the kernel refuses who connects if none does."""
        wanted = any(guest.new_client for guest in self._guests)
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

    def forget(self, guest: "Guest") -> None:
        """The guest comes no more."""
        self._guests.remove(guest)

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
            guest = await self._whose(client)
            new_client = guest.new_client if guest is not None else None
        finally:
            if new_client is None:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
                client.close()
        if new_client is not None:
            await self._loop.connect_accepted_socket(new_client, client)

    async def _whose(self, client: socket.socket) -> "Guest | None":
        for _ in range(_LOOKS):
            look = partial(party_at, client, tuple(self._guests))
            with contextlib.suppress(OSError):
                if guest := await self._loop.run_in_executor(None, look):
                    return guest
            await asyncio.sleep(POLL)
        _log.warning("a connection to %s:%d is no program's under test", self.host, self.port)
        return None


class Guest:
    """A spot behind a door, and the address of the tap there."""

    def __init__(self, door: Door, mark: str) -> None:
        self.mark = mark
        self.pid: int | None = None
        self.host = door.host
        self.port = door.port
        self.new_client: NewClient | None = None
        """Makes what serves a connection; None while the tap refuses."""
        self._door = door

    # As a spot

    @property
    def address(self) -> "Guest":
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
