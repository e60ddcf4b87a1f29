"""Decodes each encoding around a text in a value, so that the text can be changed and the value encoded again.

A value is bytes, a string, or a document of lists and tables whose leaves are values. An opened value has each
encoded part decoded.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ...judgement.encodings import ENCODINGS, Encoding, holds, leaves


@dataclass(frozen=True)
class _Wrapped:
    encoding: Encoding
    like: bytes
    as_text: bool
    inside: Any

    def close(self, inside: Any) -> str | bytes:
        closed = self.encoding.close(inside, self.like)
        return closed.decode() if self.as_text else closed


def open_up(value: Any, text: bytes) -> Any:
    """The value with every encoding around the text decoded."""
    match value:
        case dict():
            return {name: open_up(each, text) for name, each in value.items()}
        case list():
            return [open_up(each, text) for each in value]
        case str() | bytes():
            body = value.encode(errors="surrogatepass") if isinstance(value, str) else value
            for encoding in ENCODINGS:
                inside = encoding.open(body)
                if inside is not None and inside != value and _holds(inside, text):
                    return _Wrapped(encoding, body, isinstance(value, str), open_up(inside, text))
    return value


def _holds(inside: Any, text: bytes) -> bool:
    bodies = (
        each.encode(errors="surrogatepass") if isinstance(each, str) else each for each in leaves(inside)
    )
    return any(isinstance(each, bytes) and holds(each, text) for each in bodies)


def close(value: Any) -> Any:
    """The opened value, changed or not, encoded again as it was."""
    match value:
        case dict():
            return {name: close(each) for name, each in value.items()}
        case list():
            return [close(each) for each in value]
        case _Wrapped():
            return value.close(close(value.inside))
    return value


def changed(value: Any, change: Callable[[Any], Any]) -> Any:
    """The opened value with `change` applied to each leaf."""
    match value:
        case dict():
            return {name: changed(each, change) for name, each in value.items()}
        case list():
            return [changed(each, change) for each in value]
        case _Wrapped():
            return replace(value, inside=changed(value.inside, change))
    return change(value)


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Each leaf of an opened value, after its path: keys, indexes and encodings."""
    match value:
        case dict():
            steps: Iterable[tuple[Any, Any]] = value.items()
        case list():
            steps = enumerate(value)
        case _Wrapped():
            steps = [(value.encoding, value.inside)]
        case _:
            yield path, value
            return
    for step, each in steps:
        yield from paths(each, (*path, step))
