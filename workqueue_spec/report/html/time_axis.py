"""From seconds to a place on the picture: to scale, except that times in which nothing happens may be shortened.

How it works: the scale is linear. If many moments would fall onto each other, the longest gap between two moments
is shortened to a fixed width, and the rest is scaled again, until the moments are apart. An outage of the broker is
one gap, whatever happens in it; a silence of a client is never shortened. The picture marks each gap that was
shortened, with its true length.
"""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_APART = 16.0
"""The pixels between two moments that can be told apart."""
_BREAK = 84.0
"""The width of a gap that was shortened, in pixels, on an axis of _USUAL pixels or more."""
_OUTAGE = 180.0
"""The width of an outage that was shortened, likewise."""
_USUAL = 660.0
_MOST_BREAKS = 3
_LEAST_OF_A_GAP = 0.15
"""The least part of the scale that a gap must take up to be shortened."""
_TICK = 84.0
"""The least pixels between two ticks."""
_BEFORE, _AFTER = 14.0, 48.0
"""The pixels before the first moment; and after the last one, likewise."""
_LENGTH_OF_A_GAP = 38.0
"""The pixels around the middle of a gap that was shortened, where its true length is written: there is no tick."""


@dataclass(frozen=True)
class Break:
    """A gap that was shortened: from and to, in seconds and in pixels."""

    start: float
    end: float
    left: float
    right: float


@dataclass(frozen=True)
class TimeAxis:
    """A scale that is linear between its points."""

    seconds: tuple[float, ...]
    pixels: tuple[float, ...]
    breaks: tuple[Break, ...]

    def __call__(self, at: float) -> float:
        """The place of a moment, in pixels; that of the nearest point if it lies beyond the ends."""
        if at <= self.seconds[0]:
            return self.pixels[0]
        for place in range(1, len(self.seconds)):
            if at <= self.seconds[place]:
                before, after = self.seconds[place - 1], self.seconds[place]
                left, right = self.pixels[place - 1], self.pixels[place]
                return left + (at - before) / (after - before) * (right - left)
        return self.pixels[-1]

    def ticks(self) -> tuple[list[float], int]:
        """Round moments that are far enough apart, and the decimal places that tell them apart."""
        parts = [
            (self.seconds[place], self.seconds[place + 1], self.pixels[place + 1] - self.pixels[place])
            for place in range(len(self.seconds) - 1)
            if not any(each.start == self.seconds[place] for each in self.breaks)
        ]
        rate = max((width / (end - start) for start, end, width in parts), default=1.0)
        step = _round_step(_TICK / rate)
        found: list[float] = []
        for start, end, _ in parts:
            first = math.ceil(round(start / step, 6))
            found += [number * step for number in range(first, math.floor(round(end / step, 6)) + 1)]
        apart: list[float] = []
        for at in found:
            if any(abs(self(at) - (each.left + each.right) / 2) < _LENGTH_OF_A_GAP for each in self.breaks):
                continue
            if not apart or self(at) - self(apart[-1]) >= _TICK * 0.9:
                apart.append(round(at, 9))
        return apart, max(0, -math.floor(math.log10(step) + 1e-9))


def time_axis(
    moments: Iterable[float],
    start: float,
    end: float,
    left: float,
    right: float,
    *,
    outages: Sequence[tuple[float, float]] = (),
    kept: Sequence[tuple[float, float]] = (),
) -> TimeAxis:
    """The axis that shows these moments between two places, in pixels. What lies in a time that is `kept` is never
    shortened.
    """
    moments = [each for each in moments if not any(since < each < until for since, until in outages)]
    points = sorted({start, end, *(each for each in moments if start < each < end)})
    lengths = [after - before for before, after in itertools.pairwise(points)]
    scale = min(1.0, (right - left) / _USUAL)
    left, right = left + _BEFORE, right - _AFTER * scale
    broken: dict[int, float] = {}
    """The gaps that are shortened, by their places, with their widths."""
    while len(broken) < _MOST_BREAKS and _crowded(lengths, broken, right - left):
        gaps = [place for place in range(len(lengths)) if place not in broken]
        may_be_broken = [
            place for place in gaps if not any(since <= points[place] < until for since, until in kept)
        ]
        widest = max(may_be_broken, key=lambda place: lengths[place], default=None)
        if widest is None or lengths[widest] < _LEAST_OF_A_GAP * sum(lengths[place] for place in gaps):
            break
        is_outage = any(since <= points[widest] < until for since, until in outages)
        broken[widest] = scale * (_OUTAGE if is_outage else _BREAK)
    return _scaled(points, broken, left, right)


def _rate(lengths: Sequence[float], broken: Mapping[int, float], width: float) -> float:
    """The pixels for a second, outside of the gaps that are shortened."""
    shown = sum(length for place, length in enumerate(lengths) if place not in broken)
    return (width - sum(broken.values())) / max(shown, 1e-9)


def _crowded(lengths: Sequence[float], broken: Mapping[int, float], width: float) -> bool:
    """Whether more than half of the neighbours could not be told apart."""
    rate = _rate(lengths, broken, width)
    gaps = [length for place, length in enumerate(lengths) if place not in broken]
    return sum(gap * rate < _APART for gap in gaps) > len(gaps) / 2


def _scaled(points: Sequence[float], broken: Mapping[int, float], left: float, right: float) -> TimeAxis:
    lengths = [after - before for before, after in itertools.pairwise(points)]
    rate = _rate(lengths, broken, right - left)
    seconds, pixels, breaks = [points[0]], [left], []
    for place, (start, end) in enumerate(itertools.pairwise(points)):
        at = pixels[-1]
        if place in broken:
            seconds.append(end)
            pixels.append(at + broken[place])
            breaks.append(Break(start, end, at, pixels[-1]))
        elif place == 0 or place - 1 in broken:
            seconds.append(end)
            pixels.append(at + lengths[place] * rate)
        else:  # the part before goes on
            seconds[-1] = end
            pixels[-1] = at + lengths[place] * rate
    return TimeAxis(tuple(seconds), tuple(pixels), tuple(breaks))


def _round_step(least: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is not below."""
    power = 10.0 ** math.floor(math.log10(max(least, 1e-9)))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))
