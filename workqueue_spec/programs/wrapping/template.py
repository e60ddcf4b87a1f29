"""A template of a producer's messages, learned from the messages that it published for three texts."""

import datetime
import math
import re
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .opened import changed, close, open_up, paths

_UUID = re.compile(
    r"(?<![0-9a-z])[0-9a-f]{8}-?[0-9a-f]{4}-?[1-8][0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}(?![0-9a-z])",
    re.I,
)
_NUMBER = re.compile(r"\d{1,7}")
"""A number in a text that may differ from run to run and identifies nothing that matters: a process id, or a group
of digits in a time."""
_LARGEST_PROCESS_ID = 2**22
_RECENT = 600.0
"""A number is taken for a time if it is at most this many seconds from now."""


@dataclass(frozen=True)
class Template:
    """A published message, opened, and what in it is new in every message."""

    text: str
    """The text that it carries."""
    opened: Any
    ids: frozenset[str]
    """The UUIDs in it that are new in every message."""
    at: float
    """When it was published, in seconds since 1970."""

    def wrap(self, text: str) -> Any:
        """A message like it with another text, new ids, and the present time."""
        return close(self.opened_with(text))

    def opened_with(self, text: str) -> Any:
        """The same as `wrap`, opened."""
        fresh = {each: _new_uuid(each) for each in self.ids}
        later = time.time() - self.at

        def renewed(leaf: str) -> str:
            return _UUID.sub(lambda id_: fresh.get(id_[0], id_[0]), leaf.replace(self.text, text))

        def renew(leaf: Any) -> Any:
            if unit := _unit(leaf, self.at):
                return leaf + type(leaf)(later * unit)
            match leaf:
                case datetime.datetime():
                    return leaf + datetime.timedelta(seconds=later)
                case str():
                    return renewed(leaf)
                case bytes():
                    return renewed(leaf.decode("latin-1")).encode("latin-1")
            return leaf

        return changed(self.opened, renew)


def learn(texts: Sequence[str], published: Sequence[Any]) -> Template | None:
    """The template of the messages that were published for three texts, of which the first two are the same.

    None if the third message cannot be predicted from the first two.
    """
    first, again, other = (open_up(each, text.encode()) for each, text in zip(published, texts, strict=True))
    template = Template(texts[0], first, frozenset(_ids(first) - _ids(again)), time.time())
    compared = [dict(paths(each)) for each in (first, again, template.opened_with(texts[-1]), other)]
    if any(each.keys() != compared[0].keys() for each in compared):
        return None
    for path in compared[0]:
        one, same, predicted, seen = (each[path] for each in compared)
        new_each_time = one != same or _is_time(seen, template.at)
        if not (_alike(predicted, seen, template.at) and (predicted == seen or new_each_time)):
            return None
    return template


def _alike(one: Any, other: Any, now: float) -> bool:
    """Whether two values differ at most in what may differ in every message: UUIDs, times and process ids."""
    if type(one) is not type(other):
        return False
    if isinstance(one, bytes | str):
        return _general(one) == _general(other)
    if isinstance(one, int | float):
        process_ids = 1 < one < _LARGEST_PROCESS_ID and 1 < other < _LARGEST_PROCESS_ID
        return one == other or process_ids or _unit(one, now) == _unit(other, now) != 0
    return isinstance(one, datetime.datetime) or bool(one == other)


def _general(leaf: str | bytes) -> str:
    """The leaf with its UUIDs and numbers masked."""
    text = leaf.decode("latin-1") if isinstance(leaf, bytes) else leaf
    return _NUMBER.sub("#", _UUID.sub("@", text))


def _is_time(leaf: Any, now: float) -> bool:
    if isinstance(leaf, str):
        try:
            leaf = datetime.datetime.fromisoformat(leaf)
        except ValueError:
            return False
    return isinstance(leaf, datetime.datetime) or _unit(leaf, now) != 0


def _unit(leaf: Any, now: float) -> float:
    """The units per second of a number that is a time about now (1 for seconds, 1000 for ms, ...); else 0."""
    if isinstance(leaf, int | float) and not isinstance(leaf, bool):
        for unit in (1.0, 1e3, 1e6, 1e9):
            if math.isclose(leaf, now * unit, abs_tol=_RECENT * unit, rel_tol=0):
                return unit
    return 0.0


def _new_uuid(old: str) -> str:
    """A new UUID in the notation of the old one."""
    fresh = str(uuid.uuid4()) if "-" in old else uuid.uuid4().hex
    return fresh.upper() if old.isupper() else fresh


def _ids(opened: Any) -> set[str]:
    texts = (leaf.decode("latin-1") if isinstance(leaf, bytes) else leaf for _, leaf in paths(opened))
    return {each for text in texts if isinstance(text, str) for each in _UUID.findall(text)}
