"""What a client sends, with `*` in place of each byte of a password or token."""

import struct
from typing import Final

from ..frames import Frame, Splitter

_HEAD: Final = 11
"""Bytes of a method's frame before its fields."""

_BEARERS: Final = frozenset({"Connection.StartOk", "Connection.SecureOk", "Connection.UpdateSecret"})
"""The methods that carry a password or a token."""


class Logins:
    """One connection's client. The number of bytes stays, so all else is as it was sent.

    Bytes are held back as long as they may belong to such a method: until its frame is whole, or another method
    has shown its name. If such a method is broken, or what comes before the end of the login is no AMQP, all that
    follows its beginning is hidden.
    """

    def __init__(self) -> None:
        self._splitter = Splitter()
        self._ahead = 0
        """Bytes of the unfinished frame that were returned already."""
        self._logged_in = False
        self._reads = True
        self._hides_all = False

    def hide(self, data: bytes) -> bytes:
        """The bytes that can be shown now, without a secret."""
        if not self._reads:
            return b"*" * len(data) if self._hides_all else data
        frames = self._splitter.feed(data)
        self._logged_in = self._logged_in or any(frame.name == "Connection.TuneOk" for frame in frames)
        shown = b"".join(map(_hidden, frames))
        ahead, self._ahead = self._ahead, 0
        if self._splitter.fault:
            return (shown + self.rest())[ahead:]
        head = self._splitter.next_head
        if head is not None and head[0] not in _BEARERS:
            self._ahead = len(self._splitter.unfinished)
            shown += self._splitter.unfinished
        return shown[ahead:]

    def rest(self) -> bytes:
        """What was held back, without a secret. Nothing is held back from here on."""
        if not self._reads:
            return b""
        self._reads = False
        unfinished, head = bytes(self._splitter.unfinished[self._ahead :]), self._splitter.next_head
        is_bearer = head is not None and head[0] in _BEARERS
        self._hides_all = is_bearer or (bool(self._splitter.fault) and not self._logged_in)
        return _starred(unfinished, _HEAD, len(unfinished)) if self._hides_all else unfinished


def _hidden(frame: Frame) -> bytes:
    """The frame's bytes without the secret in it."""
    raw = frame.raw
    if frame.name not in _BEARERS:
        return raw
    start = _HEAD
    try:
        if frame.name == "Connection.StartOk":  # before the response: a table, and the mechanism's name
            start += 4 + struct.unpack_from(">I", raw, start)[0]
            start += 1 + raw[start]
        stop = start + 4 + struct.unpack_from(">I", raw, start)[0]
    except (struct.error, IndexError):
        stop = len(raw)
    if stop >= len(raw):
        return _starred(raw, _HEAD, len(raw) - 1)
    return _starred(raw, start + 4, stop)


def _starred(raw: bytes, start: int, stop: int) -> bytes:
    return raw[:start] + b"*" * (stop - start) + raw[stop:]
