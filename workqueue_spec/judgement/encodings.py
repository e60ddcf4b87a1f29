"""The common encodings of a text in a message body: decoded, and encoded again with another text inside.

A body is a stranger's data: the size that it unpacks to is bounded, and nothing in it is ever run.
"""

import base64
import binascii
import functools
import io
import json
import pickletools
import re
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

MOST_BYTES = 32 * 1024 * 1024
"""Bytes that all layers of a body together may unpack to: twice the largest message of RabbitMQ 4."""
MOST_LAYERS = 5
"""Layers of encoding that are opened."""
_LARGE = 64 * 1024
"""Bytes from which on a body counts as large: the readings of only a few large bodies are cached."""


_PERHAPS_ENCODED = re.compile(
    rb'\s*[{\["]|\x1f\x8b\x08|[\x08-\x78][\x01\x5e\x9c\xda]|\x80|[A-Za-z0-9+/_\s-]{8,}={0,2}\s*\Z'
)
"""Matches every body that one of the ENCODINGS opens, so that most plain texts take one look."""


def holds(body: bytes, text: bytes) -> bool:
    """Whether the body holds the text, plain or in a common encoding."""
    return text in body or any(text in reading for reading in readings(body))


def readings(body: bytes) -> tuple[bytes, ...]:
    """The body itself, and each text or run of bytes that is encoded in it."""
    if not _PERHAPS_ENCODED.match(body):
        return (body,)
    return (_of_small if len(body) < _LARGE else _of_large)(body)


def _readings(body: bytes) -> tuple[bytes, ...]:
    found, left = [body], MOST_BYTES
    waiting = deque([(body, 0)])
    while waiting:
        outer, depth = waiting.popleft()
        if depth == MOST_LAYERS:
            continue
        for encoding in ENCODINGS:
            opened = encoding.open(outer)
            if opened is None:
                continue
            for leaf in leaves(opened):
                inner = leaf.encode(errors="surrogatepass") if isinstance(leaf, str) else leaf
                if not isinstance(inner, bytes) or inner == outer:
                    continue
                left -= len(inner)
                if left < 0:
                    return tuple(found)
                found.append(inner)
                waiting.append((inner, depth + 1))
    return tuple(found)


# The same bodies are asked about after every event.
_of_small = functools.lru_cache(maxsize=1024)(_readings)
_of_large = functools.lru_cache(maxsize=8)(_readings)


def leaves(document: Any) -> Iterator[Any]:
    """The values in the document that are neither lists nor tables, in their order."""
    if isinstance(document, dict):
        document = document.values()
    elif not isinstance(document, list):
        yield document
        return
    for each in document:
        yield from leaves(each)


class Encoding(Protocol):
    """A way to encode something in bytes."""

    def open(self, body: bytes) -> Any:
        """The content: bytes, or a document of lists, tables and values; None if the body is encoded otherwise."""

    def close(self, inside: Any, like: bytes) -> bytes:
        """Encodes `inside` in the same style as the body `like`."""


class _Json:
    _STYLES = tuple(
        {"separators": separators, "ensure_ascii": ascii_only}
        for separators in ((", ", ": "), (",", ":"))
        for ascii_only in (True, False)
    )

    def open(self, body: bytes) -> Any:
        if body.lstrip()[:1] not in (b"{", b"[", b'"'):
            return None
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            return None

    def close(self, inside: Any, like: bytes) -> bytes:
        document = self.open(like)
        styles = (style for style in self._STYLES if _dumped(document, style) == like)
        return _dumped(inside, next(styles, self._STYLES[0]))


def _dumped(document: Any, style: dict[str, Any]) -> bytes:
    return json.dumps(document, **style).encode(errors="surrogatepass")


@dataclass(frozen=True)
class _Compressed:
    magic: re.Pattern[bytes]
    window: int
    """zlib's `wbits`, which chooses the format."""

    def open(self, body: bytes) -> Any:
        if not self.magic.match(body):
            return None
        try:
            return zlib.decompressobj(self.window).decompress(body, MOST_BYTES)
        except zlib.error:
            return None

    def close(self, inside: Any, like: bytes) -> bytes:
        compressor = zlib.compressobj(wbits=self.window)
        return compressor.compress(inside) + compressor.flush()


class _Base64:
    _ALIKE = re.compile(rb"[A-Za-z0-9+/_\s-]{8,}={0,2}\s*")
    _URL_SAFE = bytes.maketrans(b"-_", b"+/")

    def open(self, body: bytes) -> Any:
        if not self._ALIKE.fullmatch(body):
            return None
        digits = b"".join(body.split()).rstrip(b"=").translate(self._URL_SAFE)
        try:
            return base64.b64decode(digits + b"=" * (-len(digits) % 4), validate=True)
        except binascii.Error:
            return None

    def close(self, inside: Any, like: bytes) -> bytes:
        closed = base64.b64encode(inside)
        if b"-" in like or b"_" in like:
            closed = closed.translate(bytes.maketrans(b"+/", b"-_"))
        return closed


class _Pickle:
    """Python's pickle, as its texts and the bytes between them. It is parsed and never loaded."""

    _TEXTS = frozenset({"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE"})

    def open(self, body: bytes) -> Any:
        if body[:1] != b"\x80" or body[-1:] != b".":
            return None
        try:
            steps = [(step.name, argument, at) for step, argument, at in pickletools.genops(io.BytesIO(body))]
        except Exception:  # a stranger's bytes can make it raise almost anything
            return None
        ends = [at for _, _, at in steps[1:]] + [len(body)]
        between, parts = bytearray(), []
        for (name, argument, at), end in zip(steps, ends, strict=True):
            if name in self._TEXTS:
                parts += [bytes(between), argument]
                between.clear()
            elif name != "FRAME":  # it holds a length, which changes with the texts; it is optional
                between += body[at:end]
        return [*parts, bytes(between)]

    def close(self, inside: Any, like: bytes) -> bytes:
        return b"".join(part if isinstance(part, bytes) else _pickled(part) for part in inside)


def _pickled(text: str) -> bytes:
    encoded = text.encode(errors="surrogatepass")
    return b"X" + len(encoded).to_bytes(4, "little") + encoded


ENCODINGS: tuple[Encoding, ...] = (
    _Json(),
    _Compressed(re.compile(rb"\x1f\x8b\x08"), 31),
    _Compressed(re.compile(rb"[\x08-\x78][\x01\x5e\x9c\xda]"), 15),
    _Pickle(),
    _Base64(),
)
