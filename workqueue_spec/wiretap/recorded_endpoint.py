"""The tap's socket towards a client whose connection is recorded."""

import asyncio
from typing import Protocol

from .endpoint import Endpoint, Owner, peer_of
from .events import Side


class Recording(Protocol):
    """Is told what passes between one client and the tap."""

    def passed(self, sender: Side, data: bytes) -> None:
        """A side has sent bytes."""

    def ended(self, sender: Side, *, reset: bool = False) -> None:
        """A side sends nothing more (FIN), or has reset the connection (RST). May be told again."""


class Recorder(Protocol):
    """Records the connections of one tap. It is called in the loop thread, and must neither block nor raise."""

    def connection(self, number: int, peer: str) -> Recording:
        """A client has connected, from the host:port `peer`."""


class RecordedEndpoint(Endpoint):
    """It tells what the client sends, before the tap changes it, and what the client gets, after the tap has.

    It is a class of its own so that an endpoint that nobody records costs nothing more.
    """

    def __init__(
        self, owner: Owner, loop: asyncio.AbstractEventLoop, recorder: Recorder, number: int
    ) -> None:
        super().__init__(owner, Side.CLIENT, loop)
        self._recorder = recorder
        self._number = number
        self._recording: Recording

    def write(self, data: bytes) -> None:
        """Sends the bytes, or loses them if this endpoint is closed."""
        if self._usable() is not None:
            self._recording.passed(Side.BROKER, data)
        super().write(data)

    def write_eof(self) -> None:
        """Sends a FIN after what was written."""
        if self._usable() is not None:
            self._recording.ended(Side.BROKER)
        super().write_eof()

    def close(self, *, reset: bool = False) -> None:
        """Closes the socket after what was written, with a FIN or a RST."""
        self._end(reset=reset)
        super().close(reset=reset)

    def sever(self, *, reset: bool) -> None:
        """Closes the socket now, whatever was still to be written or read."""
        self._end(reset=reset)
        super().sever(reset=reset)

    def _end(self, *, reset: bool) -> None:
        if self.has_socket:
            self._recording.ended(Side.BROKER, reset=reset)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is connected."""
        self._recording = self._recorder.connection(self._number, peer_of(transport))
        super().connection_made(transport)

    def buffer_updated(self, nbytes: int) -> None:
        """That many bytes are in the buffer."""
        self._recording.passed(Side.CLIENT, bytes(self._buffer[:nbytes]))
        super().buffer_updated(nbytes)

    def eof_received(self) -> bool:
        """The peer has sent a FIN."""
        self._recording.ended(Side.CLIENT)
        return super().eof_received()

    def connection_lost(self, error: Exception | None) -> None:
        """The socket is about to be closed for good."""
        if error is None:
            self._recording.ended(Side.BROKER)
        else:
            self._recording.ended(Side.CLIENT, reset=True)
        super().connection_lost(error)
