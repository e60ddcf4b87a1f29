"""One endpoint of a connection: the tap's socket towards the client, or towards the broker."""

import asyncio
import contextlib
import socket
import struct
from typing import Final, Protocol

from .events import Side

_NO_LINGER: Final = struct.pack("ii", 1, 0)
_BUFFER: Final = 64 * 1024
"""Bytes that are read at once. With asyncio.Protocol each read would allocate 256 KiB, which took four times as
long as the read itself of a small segment (19 of 23 microseconds)."""
_MOST_PIECES: Final = 256


class Owner(Protocol):
    """What an endpoint tells the one that it belongs to, always with its own side."""

    def opened(self, side: Side) -> None:
        """The endpoint has its socket."""

    def arrived(self, sender: Side, data: bytes) -> None:
        """Bytes have come."""

    def full(self, side: Side, full: bool) -> None:
        """The endpoint takes nothing more for now, or does again."""

    def ended(self, side: Side) -> None:
        """The peer sends nothing more."""

    def lost(self, side: Side, error: Exception | None) -> None:
        """The socket is closed: by the tap itself if there is no error."""


def peer_of(transport: asyncio.BaseTransport) -> str:
    """The peer's host:port; empty if the peer is gone already."""
    peer = transport.get_extra_info("peername")
    return f"{peer[0]}:{peer[1]}" if peer else ""


class Endpoint(asyncio.BufferedProtocol):
    """The tap's socket towards one side, as asyncio's protocol. It decides nothing: its owner does."""

    def __init__(self, owner: Owner, side: Side, loop: asyncio.AbstractEventLoop) -> None:
        self.side = side
        self.gone: asyncio.Future[None] = loop.create_future()
        """Done when its socket is about to be closed for good."""
        self._owner = owner
        self._transport: asyncio.Transport | None = None
        # Kept from the start: a transport of TLS has forgotten all this when it is closed.
        self._socket: socket.socket | None = None
        self._tls = False
        self._peer = ""
        self._closing = False
        self._throttles: set[str] = set()
        self._at_end = False
        self._severed_softly = False
        self._buffer = memoryview(bytearray(_BUFFER))

    @property
    def has_socket(self) -> bool:
        """Whether there is a socket, even if somebody has begun to close it."""
        return self._transport is not None and not self.gone.done()

    @property
    def address(self) -> str:
        """The peer's host:port; empty if the peer is gone already."""
        return self._peer

    def write(self, data: bytes) -> None:
        """Sends the bytes, or loses them if this endpoint is closed."""
        if (transport := self._usable()) is not None:
            transport.write(data)

    def throttle(self, reason: str, on: bool) -> None:
        """Reads nothing for as long as there is a reason not to."""
        (self._throttles.add if on else self._throttles.discard)(reason)
        if self._at_end or (transport := self._usable()) is None:
            return
        if self._throttles:
            transport.pause_reading()
        else:
            transport.resume_reading()

    def write_eof(self) -> None:
        """Sends a FIN after what was written; reading goes on if the transport can do that (TLS cannot)."""
        if (transport := self._usable()) is None:
            return
        if transport.can_write_eof():
            with contextlib.suppress(OSError):
                transport.write_eof()
        else:
            self.close()

    def close(self, *, reset: bool = False) -> None:
        """Closes the socket after what was written, with a FIN or a RST."""
        if self._transport is None or self.gone.done():
            return
        if reset:
            self._prepare_reset()
            if self._tls:
                self._closing = True
                self._transport.abort()
                return
        # Once only: after a second close() asyncio's transport of TLS can't be aborted any more.
        if not self._closing:
            self._closing = True
            self._transport.close()

    def sever(self, *, reset: bool) -> None:
        """Closes the socket now, whatever was still to be written or read."""
        if self._transport is None or self.gone.done():
            return
        if reset:
            self._prepare_reset()
        else:
            self._severed_softly = True
            with contextlib.suppress(OSError):
                if self._socket is not None:
                    self._socket.shutdown(socket.SHUT_WR)
            if self._tls:  # its end is told when the socket is closed already
                self._drain()
        self._closing = True
        self._transport.abort()

    def _prepare_reset(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)

    def _usable(self) -> asyncio.Transport | None:
        """The transport, unless somebody has begun to close it."""
        if self._closing or self._transport is None or self.gone.done() or self._transport.is_closing():
            return None
        return self._transport

    def _drain(self) -> None:
        """Reads what has arrived: a socket that is closed with unread bytes would send a RST, not a FIN."""
        if self._socket is None:
            return
        with contextlib.suppress(OSError), self._socket.dup() as copy:
            copy.setblocking(False)
            for _ in range(_MOST_PIECES):
                if not copy.recv(_BUFFER):
                    return

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is connected."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._socket = transport.get_extra_info("socket")
        self._tls = transport.get_extra_info("sslcontext") is not None
        self._peer = peer_of(transport)
        self._owner.opened(self.side)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes are to be put."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """That many bytes are in the buffer."""
        self._owner.arrived(self.side, bytes(self._buffer[:nbytes]))

    def eof_received(self) -> bool:
        """The peer has sent a FIN. True keeps the socket open for what is still to be written."""
        self._at_end = True
        self._owner.ended(self.side)
        self._closing = self._closing or self._tls
        return not self._tls

    def connection_lost(self, error: Exception | None) -> None:
        """The socket is about to be closed for good."""
        try:
            if self._severed_softly:
                self._drain()
        finally:
            self.gone.set_result(None)
            self._owner.lost(self.side, error)

    def pause_writing(self) -> None:
        """The peer takes too little: what is written piles up."""
        self._owner.full(self.side, True)

    def resume_writing(self) -> None:
        """What was written has gone."""
        self._owner.full(self.side, False)
