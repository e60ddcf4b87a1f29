"""The file of a test, or of the tap command: what passed the taps of its parties."""

import io
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ..events import Side
from . import pcapng
from .logins import Logins
from .tcp import TcpConnection

_BROKER: Final = bytes((127, 0, 0, 1))
_FIRST_PORT, _PORTS = 10_000, 50_000


class Capture:
    """A file that is written as bytes pass, and replaces an old one.

    Each party has an address of its own: the first one 127.0.0.2, the second one 127.0.0.3. The broker is
    127.0.0.1. The first packet of a connection says in a comment whose connection it is.
    """

    def __init__(self, file: Path, most: int | None = None) -> None:
        """After about `most` bytes (None: any number) the file ends, and its last packet says so in a comment.
        Raises OSError if the file cannot be made.
        """
        self.failure = ""
        """Why the file is not whole, although it should be; empty if it is."""
        self._most = most
        self._size = 0
        self._parties = 0
        # The time of packets never goes back, even if the clock of the machine does.
        self._epoch = time.time_ns() - time.monotonic_ns()
        file.unlink(missing_ok=True)
        # Without a buffer, so that the file is whole even if this process is killed.
        self._out: io.FileIO | None = file.open("xb", buffering=0)
        self._write(pcapng.beginning() + pcapng.name_of(_BROKER, "broker"))

    def party(self, name: str) -> "Party":
        """A party with a tap of its own."""
        self._parties += 1
        address = (int.from_bytes(_BROKER) + self._parties).to_bytes(4)
        self._write(pcapng.name_of(address, name.replace(" ", "-")))
        return Party(self, name, address)

    def packets(self, raws: Iterable[bytes], comment: str = "") -> None:
        """Writes packets that pass now. The first one gets the comment."""
        for raw in raws:
            is_last = self._most is not None and self._size + len(raw) > self._most
            if is_last:
                comment = f"the file ends here: it has {self._most} bytes, and more passed"
            self._write(pcapng.packet(self._epoch + time.monotonic_ns(), raw, comment))
            if is_last:
                self.close()
            comment = ""

    def close(self) -> None:
        """Ends the file. What passes later is not written."""
        if self._out is not None:
            self._out.close()
            self._out = None

    def _write(self, block: bytes) -> None:
        """Writes a block. If that fails the file ends, and the tap goes on."""
        if self._out is None:
            return
        self._size += len(block)
        try:
            if self._out.write(block) != len(block):
                self.failure = "the disk is full"
        except OSError as error:
            self.failure = error.strerror or str(error)
        if self.failure:
            self.close()


class Party:
    """What passes one tap."""

    def __init__(self, capture: Capture, name: str, address: bytes) -> None:
        self._capture = capture
        self._name = name
        self._address = address

    def connection(self, number: int, peer: str) -> "Recording":
        """A client has connected, from the host:port `peer`. Its port in the file is made from the number."""
        return Recording(
            self._capture,
            TcpConnection(self._address, _FIRST_PORT + number % _PORTS, _BROKER, number),
            f"{self._name}, connection {number}, from {peer or 'an unknown port'}",
        )


class Recording:
    """Writes what passes between a client and the tap on one connection."""

    def __init__(self, capture: Capture, tcp: TcpConnection, comment: str) -> None:
        self._capture = capture
        self._tcp = tcp
        self._logins = Logins()
        capture.packets(tcp.opened(), comment)

    def passed(self, sender: Side, data: bytes) -> None:
        """A side has sent bytes."""
        shown = self._logins.hide(data) if sender is Side.CLIENT else data
        self._capture.packets(self._tcp.sent(sender, shown))

    def ended(self, sender: Side, *, reset: bool = False) -> None:
        """A side sends nothing more (FIN), or has reset the connection (RST)."""
        if reset or sender is Side.CLIENT:
            self._capture.packets(self._tcp.sent(Side.CLIENT, self._logins.rest()))
        self._capture.packets(self._tcp.reset(sender) if reset else self._tcp.ended(sender))
