"""Reads a file of Capture as a stranger would: the blocks, the packets, and the TCP streams in them."""

import struct
from dataclasses import dataclass, field
from pathlib import Path

FIN, SYN, RST, ACK = 1, 2, 4, 16


@dataclass(frozen=True)
class Packet:
    at: int
    comment: str
    source: tuple[str, int]
    target: tuple[str, int]
    number: int
    acknowledged: int
    flags: int
    data: bytes


@dataclass
class File:
    packets: list[Packet] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def sent(self, source: tuple[str, int]) -> bytes:
        return b"".join(packet.data for packet in self.packets if packet.source == source)

    def clients(self) -> list[tuple[str, int]]:
        return [packet.source for packet in self.packets if packet.flags == SYN]


def read(path: Path) -> File:
    """The file. Asserts that its blocks, checksums and sequence numbers are right."""
    raw, file = path.read_bytes(), File()
    assert raw[:4] == b"\x0a\x0d\x0d\x0a"
    at = 0
    while at < len(raw):
        kind, size = struct.unpack_from("<II", raw, at)
        content = raw[at + 8 : at + size - 4]
        assert size % 4 == 0
        assert struct.unpack_from("<I", raw, at + size - 4) == (size,)
        if kind == 4:
            length = struct.unpack_from("<HH", content)[1]
            file.names[_address(content[4:8])] = content[8 : 4 + length].rstrip(b"\0").decode()
        if kind == 6:
            _, high, low, kept, whole = struct.unpack_from("<IIIII", content)
            assert kept == whole
            options = content[20 + (kept + 3) // 4 * 4 :]
            comment = options[4 : 4 + struct.unpack_from("<H", options, 2)[0]].decode() if options else ""
            file.packets.append(_packet(high << 32 | low, comment, content[20 : 20 + kept]))
        at += size
    _check_numbers(file)
    return file


def _packet(at: int, comment: str, raw: bytes) -> Packet:
    source, target = raw[12:16], raw[16:20]
    tcp = raw[20:]
    assert len(raw) == struct.unpack_from(">H", raw, 2)[0]
    assert _sum(raw[:20]) == 0xFFFF
    assert _sum(source + target + struct.pack(">HH", 6, len(tcp)) + tcp) == 0xFFFF
    source_port, target_port, number, acknowledged, offset, flags = struct.unpack_from(">HHIIBB", tcp)
    ends = (_address(source), source_port), (_address(target), target_port)
    return Packet(at, comment, *ends, number, acknowledged, flags, tcp[offset // 16 * 4 :])


def _sum(data: bytes) -> int:
    total: int = sum(struct.unpack(f">{len(data + bytes(len(data) % 2)) // 2}H", data + bytes(len(data) % 2)))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def _address(raw: bytes) -> str:
    return ".".join(map(str, raw))


def _check_numbers(file: File) -> None:
    """Asserts that each packet continues what its sender sent, and acknowledges what its receiver sent."""
    following: dict[tuple[object, object], int] = {}
    for packet in file.packets:
        way, back = (packet.source, packet.target), (packet.target, packet.source)
        if packet.flags & SYN:
            following[way] = packet.number
        assert packet.number == following[way]
        assert packet.acknowledged == (following[back] if packet.flags & ACK else 0)
        more = len(packet.data) + bool(packet.flags & (SYN | FIN))
        following[way] = (packet.number + more) % 2**32
    times = [packet.at for packet in file.packets]
    assert times == sorted(times)
