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


class Endpoint(asyncio.BufferedProtocol):
    """The tap's socket towards one side, as asyncio's protocol. It decides nothing: its owner does."""

    def __init__(self, owner: Owner, side: Side, loop: asyncio.AbstractEventLoop) -> None:
        self.side = side
        self.gone: asyncio.Future[None] = loop.create_future()
        """Done when its socket is about to be closed for good."""
        self._owner = owner
        self._transport: asyncio.Transport | None = None
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
        peer = self._transport.get_extra_info("peername") if self._transport is not None else None
        return f"{peer[0]}:{peer[1]}" if peer else ""

    def write(self, data: bytes) -> None:
        """Sends the bytes, or loses them if this endpoint is closed."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def throttle(self, reason: str, on: bool) -> None:
        """Reads nothing for as long as there is a reason not to."""
        (self._throttles.add if on else self._throttles.discard)(reason)
        if self._transport is None or self._at_end:
            return
        if self._throttles:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def write_eof(self) -> None:
        """Sends a FIN after what was written; reading goes on if the transport can do that (TLS cannot)."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._transport.can_write_eof():
            with contextlib.suppress(OSError):
                self._transport.write_eof()
        else:
            self._transport.close()

    def close(self, *, reset: bool = False) -> None:
        """Closes the socket after what was written, with a FIN or a RST."""
        if self._transport is None:
            return
        if reset:
            self._prepare_reset()
            if self._transport.get_extra_info("sslcontext") is not None:
                self._transport.abort()
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
                self._transport.get_extra_info("socket").shutdown(socket.SHUT_WR)
        self._transport.abort()

    def _prepare_reset(self) -> None:
        if self._transport is not None:
            with contextlib.suppress(OSError):
                self._transport.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER
                )

    def _drain(self) -> None:
        """Reads what has arrived: a socket that is closed with unread bytes would send a RST, not a FIN."""
        if self._transport is None:
            return
        with contextlib.suppress(OSError), self._transport.get_extra_info("socket").dup() as copy:
            copy.setblocking(False)
            for _ in range(_MOST_PIECES):
                if not copy.recv(_BUFFER):
                    return

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is connected."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
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
        return self._transport is not None and self._transport.get_extra_info("sslcontext") is None

    def connection_lost(self, error: Exception | None) -> None:
        """The socket is about to be closed for good."""
        if self._severed_softly:
            self._drain()
        self.gone.set_result(None)
        self._owner.lost(self.side, error)

    def pause_writing(self) -> None:
        """The peer takes too little: what is written piles up."""
        self._owner.full(self.side, True)

    def resume_writing(self) -> None:
        """What was written has gone."""
        self._owner.full(self.side, False)
