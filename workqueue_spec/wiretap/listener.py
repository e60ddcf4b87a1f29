"""Where a tap is reached: an address that stays the tap's while nobody listens on it."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Sequence
from typing import Final, Protocol

NewClient = Callable[[], asyncio.BaseProtocol]
"""Makes what serves a connection."""

_BACKLOG: Final = 128


class Listener(Protocol):
    """A host and a port of the tap's own. All but the first two are called in the wire's thread."""

    host: str
    port: int

    async def listen(self, loop: asyncio.AbstractEventLoop, new_client: NewClient) -> None:
        """From now on who connects is served. Raises OSError where that cannot be."""

    def refuse(self) -> None:
        """From now on the kernel refuses whoever connects."""

    def give_back(self) -> None:
        """Lets go of the port, once it refuses."""


class OwnPort:
    """A port of this machine. Raises OSError where it is taken.

    One socket is bound to it for good and never listens, so a connect is refused by the kernel while no other
    does. Ports can be shared only among sockets that both allow it (SO_REUSEPORT); the first is bound before
    it allows that, so another process, even one with such sockets, finds the address taken.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Port 0: any that is free."""
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
        """A socket that may listen on it. Close it, and connects are refused again."""
        made = self._socket()
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            made.bind((self.host, self.port))
        except OSError:
            made.close()
            raise
        return made

    async def listen(self, loop: asyncio.AbstractEventLoop, new_client: NewClient) -> None:
        self._server = await _server(loop, new_client, self.listener())
        await self._server.start_serving()

    def refuse(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def give_back(self) -> None:
        self._guard.close()

    def _socket(self) -> socket.socket:
        """SO_REUSEADDR: connections that ended a moment ago do not keep the port."""
        made = socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return made


class PassedSockets:
    """Sockets that someone else has bound to a port, where this process could not. On Linux only: there a
    socket that is shut down listens no longer, keeps its port, and may listen again.
    """

    def __init__(self, host: str, sockets: Sequence[socket.socket]) -> None:
        """`host` stands for all their addresses."""
        self.host = host
        self.port: int = sockets[0].getsockname()[1]
        self._sockets = sockets
        self._servers: list[asyncio.Server] = []

    async def listen(self, loop: asyncio.AbstractEventLoop, new_client: NewClient) -> None:
        self._servers = [await _server(loop, new_client, each.dup()) for each in self._sockets]
        for server in self._servers:
            await server.start_serving()

    def refuse(self) -> None:
        for server in self._servers:
            server.close()
        self._servers = []
        for each in self._sockets:
            # It may not have begun to listen.
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def give_back(self) -> None:
        for each in self._sockets:
            each.close()


async def _server(
    loop: asyncio.AbstractEventLoop, new_client: NewClient, listener: socket.socket
) -> asyncio.Server:
    """A server that does not listen yet. It never waits, so nothing is lost where it is cancelled."""
    return await loop.create_server(new_client, sock=listener, backlog=_BACKLOG, start_serving=False)
