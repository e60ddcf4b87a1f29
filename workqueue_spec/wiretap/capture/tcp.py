"""One connection as TCP over IPv4: the packets that carry its bytes, with the right numbers and checksums."""

import struct
from collections.abc import Iterator
from typing import Final

from ..events import Side

BROKER_PORT: Final = 5672
"""Wireshark takes what passes on this port for AMQP."""

MOST_IN_A_PACKET: Final = 65_495
"""Bytes of a TCP segment's payload: an IPv4 packet has at most 65535 bytes, 40 of them are headers."""

_MOST_UNACKNOWLEDGED: Final = 1024 * 1024
"""Bytes that one side sends before the other one acknowledges by a packet of its own."""

_WINDOW, _WINDOW_SHIFT = 65_535, 7
"""8 MiB in all: more than is ever unacknowledged."""

_FIN, _SYN, _RST, _PSH, _ACK = 1, 2, 4, 8, 16
_SYN_OPTIONS: Final = struct.pack(">BBH", 2, 4, MOST_IN_A_PACKET) + bytes((3, 3, _WINDOW_SHIFT, 1))
_IP = struct.Struct(">BBHHHBBH4s4s")
_TCP = struct.Struct(">HHIIBBHHH")


class TcpConnection:
    """The packets of one connection. Each method returns those that are new, in order."""

    def __init__(self, client: bytes, client_port: int, broker: bytes, first_number: int) -> None:
        """The addresses are those of IPv4, 4 bytes each. Both sides' sequence numbers begin with `first_number`."""
        self._ends = {Side.CLIENT: (client, client_port), Side.BROKER: (broker, BROKER_PORT)}
        self._next = dict.fromkeys(Side, first_number)
        self._unacknowledged = dict.fromkeys(Side, 0)
        self._ended: set[Side] = set()
        self._packets = 0

    def opened(self) -> Iterator[bytes]:
        """The handshake. The client's SYN comes first."""
        yield self._packet(Side.CLIENT, _SYN, options=_SYN_OPTIONS)
        yield self._packet(Side.BROKER, _SYN | _ACK, options=_SYN_OPTIONS)
        yield self._packet(Side.CLIENT, _ACK)

    def sent(self, sender: Side, data: bytes) -> Iterator[bytes]:
        """A side has sent bytes. None are sent after its end."""
        if sender in self._ended:
            return
        for start in range(0, len(data), MOST_IN_A_PACKET):
            yield self._packet(sender, _PSH | _ACK, data[start : start + MOST_IN_A_PACKET])
            if self._unacknowledged[sender] > _MOST_UNACKNOWLEDGED:
                yield self._packet(sender.other, _ACK)

    def ended(self, sender: Side) -> Iterator[bytes]:
        """A side sends nothing more: its FIN."""
        if sender in self._ended:
            return
        self._ended.add(sender)
        yield self._packet(sender, _FIN | _ACK)
        yield self._packet(sender.other, _ACK)

    def reset(self, sender: Side) -> Iterator[bytes]:
        """A side has ended the connection for both: its RST."""
        if self._ended >= set(Side):
            return
        self._ended |= set(Side)
        yield self._packet(sender, _RST | _ACK)

    def _packet(self, sender: Side, flags: int, data: bytes = b"", options: bytes = b"") -> bytes:
        (source, source_port), (target, target_port) = self._ends[sender], self._ends[sender.other]
        number = self._next[sender]
        acknowledged = self._next[sender.other] if flags & _ACK else 0
        offset = (_TCP.size + len(options)) // 4 << 4
        size = _TCP.size + len(options) + len(data)

        def tcp(checksum: int) -> bytes:
            head = source_port, target_port, number, acknowledged, offset, flags, _WINDOW, checksum, 0
            return _TCP.pack(*head) + options

        def ip(checksum: int) -> bytes:
            length, identification = _IP.size + size, self._packets & 0xFFFF
            return _IP.pack(*(0x45, 0, length, identification, 0x4000, 64, 6, checksum, source, target))

        pseudo_head = source + target + struct.pack(">HH", 6, size)
        packet = ip(_checksum(ip(0))) + tcp(_checksum(pseudo_head + tcp(0) + data)) + data
        self._packets += 1
        self._next[sender] = (number + len(data) + bool(flags & (_SYN | _FIN))) & 0xFFFFFFFF
        self._unacknowledged[sender] += len(data)
        self._unacknowledged[sender.other] = 0
        return packet


def _checksum(data: bytes) -> int:
    """The checksum of the internet protocols: the one's complement of the sum of all 16-bit words."""
    # The sum with its carries added back is the remainder, and a sum that is not 0 never becomes 0.
    number = int.from_bytes(data + bytes(len(data) % 2))
    return 0xFFFF - (number % 0xFFFF or 0xFFFF)
