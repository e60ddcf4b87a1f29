"""Where the texts of a lane go, so that none lies on another one: a pure function of their places and widths."""

from collections.abc import Sequence
from dataclasses import dataclass

from .timeline import Mark, Weight

_GAP = 7.0
"""The pixels between a mark and its text, and between two texts."""
_GLYPH = 5.0
"""Half the width of a mark."""
_MOST_ROWS = {Weight.DETAIL: 3, Weight.USUAL: 3, Weight.GREAT: 6}


@dataclass(frozen=True)
class Label:
    """A text at a place. `texts` are the forms that it may have, the longest first."""

    x: float
    texts: Sequence[str]
    weight: Weight = Weight.USUAL
    before: float = 0.0
    """How many pixels before `x` the first of several marks is, if they have one text together."""
    marks: tuple[Mark, ...] = ()
    """The marks that the text is about."""


@dataclass(frozen=True)
class Placed:
    """A label that has found its place: its row from the top, and the text to the right or left of its mark."""

    label: Label
    row: int
    text: str
    x: float
    to_the_left: bool = False


def width_of(text: str, size: float) -> float:
    """About how wide a text is, in pixels: rather too wide than too narrow."""
    return sum(size * (0.58 if ord(each) < 0x2000 else 1.05) for each in text)


def place(
    labels: Sequence[Label], left: float, right: float, size: float, more_rows: int = 0
) -> tuple[list[Placed], int]:
    """The labels that have a place, and the number of rows. Those of the least weight go without a text first.

    There may be `more_rows` than usual.
    """
    rows: list[list[tuple[float, float]]] = []
    found: list[Placed] = []
    for label in sorted(labels, key=lambda each: (-each.weight, each.x)):
        most = _MOST_ROWS[label.weight] + more_rows
        placed = _placed(label, rows, left, right, size, most=most)
        found.append(placed or Placed(label, 0, "", label.x))
    return found, max(len(rows), 1 if labels else 0)


def _placed(
    label: Label, rows: list[list[tuple[float, float]]], left: float, right: float, size: float, *, most: int
) -> Placed | None:
    for number in range(most):
        new = number == len(rows)
        if number > len(rows):
            return None
        for text in label.texts:
            width = width_of(text, size)
            for to_the_left in (False, True):
                first = label.x - label.before
                begin = first - _GAP - width if to_the_left else first - _GLYPH
                end = label.x + _GLYPH if to_the_left else label.x + _GAP + width
                if begin < left or end > right:
                    continue
                taken = [] if new else rows[number]
                if any(begin < e + _GAP and b < end + _GAP for b, e in taken):
                    continue
                if new:
                    rows.append([])
                rows[number].append((begin, end))
                x = first - _GAP if to_the_left else label.x + _GAP
                return Placed(label, number, text, x, to_the_left)
    return None


def shortened(text: str, width: float, size: float) -> str:
    """The text, cut so that it is no wider than this."""
    if width_of(text, size) <= width:
        return text
    while text and width_of(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"
