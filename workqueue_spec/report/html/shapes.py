"""What a picture consists of: shapes at places in pixels, in colour roles. It knows no plotting library."""

from dataclasses import dataclass, field

from .time_axis import TimeAxis

SIZE = 12.0
"""The size of texts, in pixels."""


@dataclass(frozen=True)
class Format:
    """How wide a picture is, in pixels, and what that leaves room for."""

    width: float
    gutter: float
    """The width of the column with the names of the lanes; 0 if a name stands above its lane."""
    most_bars: int
    """The most bars of a lane that are drawn one by one: more are shown as their density."""
    after_an_outage: float
    """The pixels for the texts of what was delivered after an outage, often all at once."""
    decision: float
    """The greatest width of the sentence about what decided. It is bold, and so wider than is thought."""
    decision_lines: int
    more_rows: int
    """How many rows of labels a lane may have beside the usual ones."""


WIDE = Format(880.0, 128.0, most_bars=48, after_an_outage=92.0, decision=616.0, decision_lines=2, more_rows=0)
NARROW = Format(360.0, 0.0, most_bars=24, after_an_outage=64.0, decision=310.0, decision_lines=4, more_rows=3)
"""For a telephone: it is shown about as wide as it is drawn."""


@dataclass(frozen=True)
class Rect:
    """A box of a colour role."""

    left: float
    top: float
    right: float
    bottom: float
    fill: str
    dashed: bool = False


@dataclass(frozen=True)
class Line:
    """A straight line of a colour role."""

    x: float
    y: float
    x2: float
    y2: float
    colour: str
    width: float = 1.0
    dashed: bool = False


@dataclass(frozen=True)
class Words:
    """A text. `y` is its middle."""

    x: float
    y: float
    text: str
    colour: str = "ink"
    align: str = "left"
    size: float = SIZE
    bold: bool = False


@dataclass(frozen=True)
class Glyph:
    """A mark: `dot`, `cross`, `arrow`, `diamond` or `ring`."""

    x: float
    y: float
    shape: str
    colour: str = "ink"


@dataclass(frozen=True)
class Area:
    """What lies between a line of steps and a straight line beneath. Each step is from where on, and its height."""

    steps: tuple[tuple[float, float], ...]
    bottom: float
    fill: str


@dataclass
class Picture:
    """All that is drawn, from the back to the front."""

    axis: TimeAxis
    format: Format = WIDE
    height: float = 0.0
    back: list[Rect] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    bars: list[Rect] = field(default_factory=list)
    links: list[Line] = field(default_factory=list)
    covers: list[Rect] = field(default_factory=list)
    """What keeps lines from texts."""
    glyphs: list[Glyph] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    places: dict[int, tuple[float, float]] = field(default_factory=dict)
    """Where each bar begins or ends, and each mark is, by the number of the event."""
    levels: dict[str, float] = field(default_factory=dict)
    """The height of what is written first in each lane."""
