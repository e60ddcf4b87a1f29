"""The machine's port, to which all processes under test connect if they cannot have network namespaces.

Each connection is passed to the tap of the process that made it.
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
from .peer_process import find_peer
from .placement import hosts

_log = logging.getLogger(__name__)
_BACKLOG = 128
_LOOKUPS = 10
"""How often the process of a connection is looked up: one that has just been forked may not be known yet."""
_NO_LINGER = struct.pack("ii", 1, 0)


def own_ports(host: str, port: int) -> list[OwnPort]:
    """The port at each address of the host that this machine has. Raises OSError if the port is in use."""
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
        """Raises OSError if the port is in use."""
        self.host = host
        self.port = port
        self._loop_thread = loop_thread
        self._loop = loop_thread.loop
        self._ports = own_ports(host, port)
        self._placements: list[SharedPortPlacement] = []
        self._listeners: list[socket.socket] = []
        self._connecting: set[asyncio.Task[None]] = set()

    def placement(self, mark: str) -> "SharedPortPlacement":
        """A placement for the process that carries this mark in its environment."""
        placement = SharedPortPlacement(self, mark)
        self._placements.append(placement)
        return placement

    def close(self) -> None:
        """Closes the port, and drops the connections that no tap serves yet."""
        self._loop_thread.call(self._close)

    # In the loop's thread

    def update_listening(self) -> None:
        """Listens if a tap behind the port does. If none does, the kernel refuses connections."""
        wanted = any(placement.new_client for placement in self._placements)
        if wanted and not self._listeners:
            self._listeners = [port.listener() for port in self._ports]
            for listener in self._listeners:
                listener.listen(_BACKLOG)
                listener.setblocking(False)
                self._loop.add_reader(listener, self._accept, listener)
        if not wanted:
            for listener in self._listeners:
                self._loop.remove_reader(listener)
                listener.close()
            self._listeners = []

    def remove(self, placement: "SharedPortPlacement") -> None:
        """Passes no more connections to the placement."""
        self._placements.remove(placement)

    def _close(self) -> None:
        for port in self._ports:
            port.give_back()
        for task in self._connecting:
            task.cancel()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            client, _ = listener.accept()
            task = self._loop.create_task(self._pass_on(client))
            self._connecting.add(task)
            task.add_done_callback(self._connecting.discard)

    async def _pass_on(self, client: socket.socket) -> None:
        """Passes the connection to its own tap, or resets it if that tap refuses while another one does not."""
        new_client: NewClient | None = None
        try:
            placement = await self._placement_of(client)
            new_client = placement.new_client if placement is not None else None
        finally:
            if new_client is None:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
                client.close()
        if new_client is not None:
            await self._loop.connect_accepted_socket(new_client, client)

    async def _placement_of(self, client: socket.socket) -> "SharedPortPlacement | None":
        for _ in range(_LOOKUPS):
            lookup = partial(find_peer, client, tuple(self._placements))
            with contextlib.suppress(OSError):
                if placement := await self._loop.run_in_executor(None, lookup):
                    return placement
            await asyncio.sleep(POLL)
        _log.warning("a connection to %s:%d was made by no program under test", self.host, self.port)
        return None


class SharedPortPlacement:
    """A placement behind the shared port. It is the address of its tap, too."""

    def __init__(self, shared_port: SharedPort, mark: str) -> None:
        self.mark = mark
        self.pid: int | None = None
        self.host = shared_port.host
        self.port = shared_port.port
        self.new_client: NewClient | None = None
        """Makes the protocol that serves a connection; None while the tap refuses connections."""
        self._shared_port = shared_port

    # As a placement

    @property
    def address(self) -> "SharedPortPlacement":
        """This object."""
        return self

    def command(self, command: Sequence[str]) -> list[str]:
        """The command as it is."""
        return list(command)

    def started(self, pid: int) -> None:
        """Keeps the process's id, by which its connections are recognised."""
        self.pid = pid

    def close(self) -> None:
        """Does nothing: the tap's end removes the placement."""

    # As the address of a tap

    async def listen(self, loop: asyncio.AbstractEventLoop, new_client: NewClient) -> None:
        """Serves the process's connections by `new_client` from now on."""
        self.new_client = new_client
        self._shared_port.update_listening()

    def refuse(self) -> None:
        """Refuses or resets the process's connections from now on."""
        self.new_client = None
        self._shared_port.update_listening()

    def give_back(self) -> None:
        """Removes the placement from the shared port."""
        self._shared_port.remove(self)
