"""The blocks of a pcapng file (draft-ietf-opsawg-pcapng), for IP packets and times in nanoseconds."""

import struct
from typing import Final

_SECTION, _INTERFACE, _NAMES, _PACKET = 0x0A0D0D0A, 1, 4, 6
_RAW_IP: Final = 101
"""The link type of packets that begin with their IP header."""
_COMMENT, _RESOLUTION = 1, 9
_NANOSECONDS: Final = b"\x09"
_END_OF_OPTIONS: Final = bytes(4)
_IPV4: Final = 1


def beginning() -> bytes:
    """The blocks that a file begins with."""
    section = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
    options = _option(_RESOLUTION, _NANOSECONDS) + _END_OF_OPTIONS
    return _block(_SECTION, section) + _block(_INTERFACE, struct.pack("<HHI", _RAW_IP, 0, 0) + options)


def name_of(address: bytes, name: str) -> bytes:
    """The block that gives an IPv4 address its name."""
    record = address + name.encode() + b"\0"
    return _block(_NAMES, struct.pack("<HH", _IPV4, len(record)) + _padded(record) + bytes(4))


def packet(at: int, raw: bytes, comment: str = "") -> bytes:
    """The block of an IP packet. `at` is in nanoseconds since 1970."""
    head = struct.pack("<III", 0, at >> 32, at & 0xFFFFFFFF) + struct.pack("<II", len(raw), len(raw))
    options = _option(_COMMENT, comment.encode()) + _END_OF_OPTIONS if comment else b""
    return _block(_PACKET, head + _padded(raw) + options)


def _block(kind: int, content: bytes) -> bytes:
    size = len(content) + 12
    return struct.pack("<II", kind, size) + content + struct.pack("<I", size)


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
