"""Where a tap is reached: a port that the tap keeps even while it does not listen."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Sequence
from typing import Final, Protocol

NewClient = Callable[[], asyncio.BaseProtocol]
"""Makes the protocol that serves a new connection."""

_BACKLOG: Final = 128


class Listener(Protocol):
    """A host and a port of the tap's own. The methods are called in the loop thread."""

    host: str
    port: int

    async def listen(self, loop: asyncio.AbstractEventLoop, new_client: NewClient) -> None:
        """From now on new connections are served. Raises OSError if the port cannot be listened on."""

    def refuse(self) -> None:
        """From now on the kernel refuses new connections."""

    def give_back(self) -> None:
        """Frees the port; `refuse` was called before."""


class OwnPort:
    """A port of this machine. Raises OSError if it is taken.

    One socket, the guard, stays bound to the port and never listens, so the kernel refuses new connections
    while no other socket of the port listens. Sockets can share a port only if each of them allows it
    (SO_REUSEPORT). The guard is bound before it allows that, so another process finds the port taken, even if
    its sockets allow it.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Port 0: any free port."""
        self.host = host
        self._server: asyncio.Server | None = None
        self._guard = self._socket()
        try:
            self._guard.bind((host, port))
        except OSError:
            self._guard.close()
            raise
        self._guard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        self._guard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.port: int = self._guard.getsockname()[1]

    def listener(self) -> socket.socket:
        """A socket that may listen on the port. Once it is closed, new connections are refused again."""
        made = self._socket()
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            made.bind((self.host, self.port))
        except OSError:
            made.close()
            raise
        return made

    async def listen(self, loop: asyncio.AbstractEventLoop, new_client: NewClient) -> None:
        """Listens on the port."""
        self._server = await _server(loop, new_client, self.listener())
        await self._server.start_serving()

    def refuse(self) -> None:
        """Closes the listening socket; the guard stays."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def give_back(self) -> None:
        """Closes the guard."""
        self._guard.close()

    def _socket(self) -> socket.socket:
        """With SO_REUSEADDR: connections that ended a moment ago do not block the port."""
        made = socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return made


class PassedSockets:
    """Sockets that another process has bound to a port which this process cannot bind. On Linux only: there a
    socket that is shut down listens no longer, keeps its port, and may listen again.
    """

    def __init__(self, host: str, sockets: Sequence[socket.socket]) -> None:
        """`host` is a name for all their addresses."""
        self.host = host
        self.port: int = sockets[0].getsockname()[1]
        self._sockets = sockets
        self._servers: list[asyncio.Server] = []

    async def listen(self, loop: asyncio.AbstractEventLoop, new_client: NewClient) -> None:
        """Listens on every socket."""
        self._servers = [await _server(loop, new_client, each.dup()) for each in self._sockets]
        for server in self._servers:
            await server.start_serving()

    def refuse(self) -> None:
        """Shuts every socket down; each keeps its port."""
        for server in self._servers:
            server.close()
        self._servers = []
        for each in self._sockets:
            # It may not have begun to listen.
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def give_back(self) -> None:
        """Closes every socket."""
        for each in self._sockets:
            each.close()


async def _server(
    loop: asyncio.AbstractEventLoop, new_client: NewClient, listener: socket.socket
) -> asyncio.Server:
    """A server that does not listen yet. This never waits, so nothing is lost if it is cancelled."""
    return await loop.create_server(new_client, sock=listener, backlog=_BACKLOG, start_serving=False)
