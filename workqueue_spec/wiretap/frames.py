"""Frames: this module cuts them out of a stream of bytes; pamqp decodes them, and only when someone asks."""

import contextlib
import struct
from typing import Final

import pamqp.base
import pamqp.commands
import pamqp.constants
import pamqp.frame
import pamqp.header

UNKNOWN: Final = "Unknown"

LARGEST_FRAME: Final = 16 * 1024 * 1024
"""Bytes that a frame may announce at most; more, and the stream is taken for something that is not AMQP.
RabbitMQ's limit is 128 KiB unless it is configured otherwise."""

_HEAD = struct.Struct(">BHI")
_END = pamqp.constants.FRAME_END
_KINDS = frozenset(
    {
        pamqp.constants.FRAME_METHOD,
        pamqp.constants.FRAME_HEADER,
        pamqp.constants.FRAME_BODY,
        pamqp.constants.FRAME_HEARTBEAT,
    }
)
_PROTOCOL = pamqp.constants.AMQP
_PROTOCOL_SIZE = 8
_METHODS = {
    index.to_bytes(4, "big"): str(vars(method)["name"])
    for index, method in pamqp.commands.INDEX_MAPPING.items()
}
METHODS: Final = frozenset(_METHODS.values())
"""The names of all methods."""

_METHOD_HEAD = _HEAD.size + 4

_not_decoded: Final = object()


class Frame:
    """One whole frame with its raw bytes."""

    __slots__ = ("_decoded", "channel", "fault", "name", "raw")

    raw: bytes
    channel: int
    name: str
    """The method's AMQP name ("Basic.Deliver"), "ContentHeader", "ContentBody", "Heartbeat",
    "ProtocolHeader", or "Unknown". It is read from the first bytes; the rest may still make no sense."""
    fault: str
    """Why the frame could not be decoded; empty if it was decoded, or if nobody has tried yet."""

    def __init__(self, raw: bytes, channel: int) -> None:
        self.raw = raw
        self.channel = channel
        self.name = _name(raw)
        self.fault = ""
        self._decoded: object = _not_decoded

    @property
    def is_method(self) -> bool:
        """Whether it is a method, known or unknown. Content belongs to the last method on its channel."""
        return self.raw[:1] == b"\x01"

    @property
    def is_content(self) -> bool:
        """Whether it is a content header or a content body."""
        return self.name in {"ContentHeader", "ContentBody"}

    @property
    def payload(self) -> bytes:
        """The bytes between the head of the frame and its end byte."""
        return self.raw[_HEAD.size : -1]

    def decode(self) -> pamqp.frame.FrameTypes | None:
        """The frame as an object of pamqp's, always the same one; None if pamqp cannot decode it (see `fault`)."""
        if self._decoded is _not_decoded:
            try:
                self._decoded = _decoded(self.raw)
            # pamqp raises whatever a stranger's bytes lead it to: struct.error, KeyError, RecursionError,
            # its own.
            except Exception as error:
                self._decoded = None
                self.fault = ascii(str(error) or type(error).__name__)[1:-1][:200]
        return self._decoded  # type: ignore[return-value]

    def __repr__(self) -> str:
        return f"<{self.name} on channel {self.channel}, {len(self.raw)} bytes>"


class Splitter:
    """Cuts one direction of a connection into frames, however its bytes arrive.

    If the bytes turn out to be no AMQP frames, it says so in `fault` and cuts nothing more; `unfinished` then
    holds the bytes from there on, and the caller throws the splitter away.
    """

    def __init__(self) -> None:
        self.fault = ""
        self.unfinished = bytearray()
        """The beginning of a frame whose end has not arrived."""
        self._enough = 1
        self._passed = 0

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that end within these bytes, in order."""
        if self.unfinished:
            self.unfinished += data
            if len(self.unfinished) < self._enough:
                return []
            data = bytes(self.unfinished)
        frames: list[Frame] = []
        start, total = 0, len(data)
        if not self._passed and data[:1] == _PROTOCOL[:1]:
            if _PROTOCOL.startswith(data[: len(_PROTOCOL)]) and total < _PROTOCOL_SIZE:
                self.unfinished = bytearray(data)
                return []
            if data.startswith(_PROTOCOL):
                start = _PROTOCOL_SIZE
                frames.append(Frame(data[:start], 0))
        while not self.fault and start < total:
            if data[start] not in _KINDS:
                self._fail(start, f"a frame of type 0x{data[start]:02x}")
                break
            if total - start < _HEAD.size:
                self._enough = _HEAD.size
                break
            _, channel, size = _HEAD.unpack_from(data, start)
            stop = start + _HEAD.size + size + 1
            if size > LARGEST_FRAME:
                self._fail(start, f"a frame of {size} bytes")
                break
            if stop > total:
                self._enough = stop - start
                break
            if data[stop - 1] != _END:
                self._fail(start, f"a frame that ends in 0x{data[stop - 1]:02x}")
                break
            frames.append(Frame(data[start:stop], channel))
            start = stop
        self._passed += start
        self.unfinished = bytearray(data[start:])
        return frames

    @property
    def next_head(self) -> tuple[str, int] | None:
        """Name and channel of the unfinished frame; None if too little of the frame has arrived."""
        head = bytes(self.unfinished[:_METHOD_HEAD])
        if len(head) < _HEAD.size or head[:1] == _PROTOCOL[:1]:
            return None
        kind, channel, size = _HEAD.unpack_from(head)
        if kind == pamqp.constants.FRAME_METHOD and len(head) < _METHOD_HEAD <= _HEAD.size + size:
            return None
        return _name(head), channel

    def _fail(self, start: int, what: str) -> None:
        self.fault = f"no AMQP 0-9-1 from byte {self._passed + start} on: {what}"


def frames_in(raw: bytes) -> list[Frame]:
    """The frames in made-up bytes; what is no whole frame comes last, as one that is "Unknown"."""
    splitter = Splitter()
    frames = splitter.feed(raw)
    if splitter.unfinished:
        frames.append(Frame(bytes(splitter.unfinished), 0))
    return frames


def marshal(method: pamqp.frame.FrameTypes, channel: int) -> bytes:
    """The bytes of a frame on a channel.

    Raises ValueError or TypeError if pamqp finds a field that the protocol does not allow.
    """
    return pamqp.frame.marshal(method, channel)


def _decoded(raw: bytes) -> pamqp.frame.FrameTypes:
    """Decodes a frame. The shorter ways for a method and a content header save a quarter of the time."""
    if _HEAD.size + int.from_bytes(raw[3 : _HEAD.size]) + 1 == len(raw):
        # If it fails, pamqp.frame fails too, and says more about the error.
        with contextlib.suppress(Exception):
            if raw[0] == pamqp.constants.FRAME_HEADER:
                header = pamqp.header.ContentHeader()
                header.unmarshal(raw[_HEAD.size : -1])
                return header
            if raw[0] == pamqp.constants.FRAME_METHOD:
                index = int.from_bytes(raw[_HEAD.size : _METHOD_HEAD])
                method: pamqp.base.Frame = pamqp.commands.INDEX_MAPPING[index]()
                method.unmarshal(raw[_METHOD_HEAD:-1])
                return method
    return pamqp.frame.unmarshal(raw)[2]


def _name(head: bytes) -> str:
    kind = head[0] if head else 0
    if kind == pamqp.constants.FRAME_METHOD:
        return _METHODS.get(head[_HEAD.size : _METHOD_HEAD], UNKNOWN)
    if kind == pamqp.constants.FRAME_BODY:
        return "ContentBody"
    if kind == pamqp.constants.FRAME_HEADER:
        return "ContentHeader"
    if kind == pamqp.constants.FRAME_HEARTBEAT and head[3 : _HEAD.size] == bytes(4):
        return "Heartbeat"
    return "ProtocolHeader" if head.startswith(_PROTOCOL) else UNKNOWN
