"""Where everything of a timeline lies on the picture, in pixels: a pure function that knows no plotting library."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from .depth import depth
from .labels import Label, Placed, place, shortened, width_of
from .shapes import SIZE, WIDE, Area, Format, Glyph, Line, Picture, Rect, Words
from .time_axis import TimeAxis, time_axis
from .timeline import Bar, Ending, Mark, Span, Timeline, Weight

_ROW = 17.0
"""The height of a row of labels."""
_BOLD = 1.25
"""How much wider bold text may be."""
_PAD = 7.0
"""The space above and below a lane."""
_MARGIN = 8.0
"""The least pixels before the axis, for the first tick's text."""
_MOST_LINKS = 12
_MOST_LIKE = 4
"""The most marks of a lane with the same text that have a text each."""
_MOST_STEPS = 100
"""The most changes of the queue's depth that are drawn one by one."""
_EACH = 4
"""The pixels between two lines of a density."""
_NUMBER = 26.0
"""The least pixels between two publications that have a number each."""
_DEPTH = 34.0
"""The height of the lane that shows the queue."""


def picture(shown: Timeline, why: str = "", form: Format = WIDE) -> Picture:
    """The timeline laid out. `why` says what decided; empty if nothing did, because the clause holds."""
    outages = [(each.start, each.end) for each in shown.outages]
    silences = [(each.start, each.end) for each in shown.silences]
    right = form.width - (form.after_an_outage if outages else 0)
    left = form.gutter or _MARGIN
    axis = time_axis(_moments(shown), shown.start, shown.end, left, right, outages=outages, kept=silences)
    made = Picture(axis, form)
    y = _decision_height(shown, why, form)
    top = y
    queue = depth(shown)
    before_consumers = True
    for lane in shown.lanes:
        consumes = any(each.party == lane for each in shown.bars)
        if queue and before_consumers and (consumes or lane == "broker"):
            y = _queue_lane(made, shown, queue, y)
            before_consumers = False
        y = _lane(made, shown, lane, y)
    for span in shown.outages:
        left, right = axis(span.start), axis(span.end)
        made.back.append(Rect(left, top, max(right, left + 2), y, "band"))
    for cut in axis.breaks:
        middle = (cut.left + cut.right) / 2
        made.back.append(Rect(cut.left, top, cut.right, y, "band"))
        made.words.append(
            Words(middle, y + 17, _seconds(cut.end - cut.start), "muted", "center", size=SIZE - 1)
        )
        for shift in (-3, 3):
            made.lines.append(Line(middle + shift - 3, y + 6, middle + shift + 3, y - 6, "muted", width=1.5))
    _links(made, shown)
    if why and shown.decided_at is not None:
        _decision(made, shown.decided_at, why, y)
    if shown.decided is not None:
        _, level = made.places.get(shown.decided.number, (0.0, made.levels.get(shown.decided.party, top)))
        made.glyphs.append(Glyph(axis(shown.decided.at), level, "ring", "bad"))
    made.covers += _covers(made)
    made.height = y
    return made


def _moments(shown: Timeline) -> Iterator[float]:
    for bar in shown.bars:
        yield bar.start
        if bar.end is not None:
            yield bar.end
    for mark in shown.marks:
        if (mark.weight > Weight.DETAIL or not shown.bars) and (not mark.task or mark.task in shown.tasks):
            yield mark.at
    for span in (*shown.outages, *shown.silences):
        yield from (span.start, span.end)
    if shown.decided_at is not None:
        yield shown.decided_at


# Lanes


def _lane(made: Picture, shown: Timeline, lane: str, y: float) -> float:
    """Draws the lane of a party from `y` on, and returns where it ends."""
    bars = [each for each in shown.bars if each.party == lane]
    form = made.format
    marks = _drawn(shown, [each for each in shown.marks if each.party == lane], form.most_bars)
    silences = [each for each in shown.silences if each.party == lane]
    dense = len(bars) > form.most_bars
    sent = [each for each in marks if each.task]
    sent = sent if len(sent) > form.most_bars else []
    made.lines.append(Line(0, y, form.width, y, "grid"))
    labels = _labels(
        made.axis,
        shown,
        [each for each in marks if each not in sent],
        silences,
        bars if dense else (),
        detailed=len(shown.bars) <= 2,
    )
    if sent:
        labels.append(Label(made.axis(sent[0].at), [f"{len(sent)} tasks sent"], Weight.GREAT))
    placed, rows = place(labels, form.gutter, form.width, SIZE, form.more_rows)
    top = y + _PAD + (0 if form.gutter else _ROW)
    for each in placed:
        _label(made, each, top)
    bottom = top + rows * _ROW
    made.levels[lane] = top + _ROW / 2
    if lane == "broker":
        bottom = _outages(made, shown.outages, bottom)
    elif dense:
        bottom = _density(made, [each.start for each in bars], bottom, "work")
    else:
        bottom = _bars(made, shown, bars, bottom)
    if sent:
        bottom = _density(made, [each.at for each in sent], bottom, "ink")
    bottom = max(bottom, y + _PAD + 2 * _ROW) + _PAD
    for span in shown.connections:
        if span.party == lane:
            made.lines.append(
                Line(made.axis(span.start), bottom - 3, made.axis(span.end), bottom - 3, "muted", width=1.5)
            )
    for span in silences:
        at = bottom - 3
        made.lines.append(
            Line(made.axis(span.start), at, made.axis(span.end), at, "bad", width=3, dashed=True)
        )
    _name(made, lane, _role(lane, bars, marks), y, bottom)
    return bottom


def _name(made: Picture, lane: str, role: str, top: float, bottom: float) -> None:
    """Writes the name of a lane and its role: left of the lane, or above it if there is no column for names."""
    gutter, middle = made.format.gutter, (top + bottom) / 2
    name = shortened(lane, (gutter or made.format.width / 2) - 12, SIZE)
    if gutter:
        made.words.append(Words(4, middle - (7 if role else 0), name, bold=True))
        at, y = 4.0, middle + 8
    else:
        y = top + _PAD + _ROW / 2
        made.words.append(Words(4, y, name, bold=True))
        at = 10 + width_of(name, SIZE) * _BOLD
    if role:
        made.words.append(Words(at, y, role, "muted", size=SIZE - 1))


def _drawn(shown: Timeline, marks: Sequence[Mark], most: int) -> list[Mark]:
    """The marks of a lane that are drawn. If much was published, and some of it has a number, the rest is left out:
    it was sent for another clause of the chapter.
    """
    sent = [each for each in marks if each.task]
    numbered = [each for each in sent if each.task in shown.tasks]
    if len(sent) <= most or not numbered:
        return list(marks)
    return [each for each in marks if not each.task or each in numbered]


def _role(lane: str, bars: Sequence[Bar], marks: Sequence[Mark]) -> str:
    if lane == "broker":
        return ""
    publishes = any(each.task for each in marks)
    return " and ".join(said for said, so in (("sends tasks", publishes), ("takes tasks", bool(bars))) if so)


def _labels(
    axis: TimeAxis,
    shown: Timeline,
    marks: Sequence[Mark],
    silences: Sequence[Span],
    dense: Sequence[Bar],
    *,
    detailed: bool,
) -> list[Label]:
    """The labels of a lane."""
    alike = Counter(each.text for each in marks if not each.task)
    labels = list(_publications(axis, shown, [each for each in marks if each.task]))
    said: set[str] = set()
    for mark in marks:
        if mark.task or (mark.weight is Weight.DETAIL and not detailed):
            continue
        text = mark.text
        if alike[text] > _MOST_LIKE:
            text = "" if text in said else f"{text}, {alike[text]} times"
            said.add(mark.text)
        labels.append(Label(axis(mark.at), [text], mark.weight, marks=(mark,)))
    labels += [Label(axis(each.start), [each.text], Weight.GREAT) for each in silences]
    if dense:
        labels.append(Label(axis(dense[0].start), _said_of_many(shown, dense), Weight.GREAT))
    return labels


def _publications(axis: TimeAxis, shown: Timeline, marks: Sequence[Mark]) -> Iterator[Label]:
    """The labels of what was published. Publications that are too near to each other have one label together."""
    at = [axis(each.at) for each in marks]
    long = width_of(f"task {len(shown.tasks)}", SIZE) + 20
    apart = all(after - before >= long for before, after in itertools.pairwise(at))
    name = "task " if apart else ""
    cluster: list[Mark] = []
    for mark, x in zip(marks, at, strict=True):
        if cluster and x - axis(cluster[-1].at) < _NUMBER:
            cluster.append(mark)
            continue
        if cluster:
            yield _together(axis, shown, cluster, name)
        cluster = [mark]
    if cluster:
        yield _together(axis, shown, cluster, name)


def _together(axis: TimeAxis, shown: Timeline, marks: Sequence[Mark], name: str) -> Label:
    numbers = [shown.tasks[each.task] for each in marks if each.task in shown.tasks]
    in_turn = all(after == before + 1 for before, after in itertools.pairwise(numbers))
    text = ", ".join(map(str, numbers))
    if len(numbers) > 2 and in_turn:
        text = f"{numbers[0]} to {numbers[-1]}"
    x = axis(marks[-1].at)
    shown_text = f"{name}{text}" if text else ""
    return Label(x, [shown_text], before=x - axis(marks[0].at), marks=tuple(marks))


def _said_of_many(shown: Timeline, bars: Sequence[Bar]) -> list[str]:
    """What a density means: how often the most frequent task came, and in which time; the longest form first."""
    task, times = Counter(each.task for each in bars).most_common(1)[0]
    of_it = [each for each in bars if each.task == task]
    took = of_it[-1].start - of_it[0].start
    least = "at least " if shown.left_out else ""
    if times > len(bars) / 2 and took > 0:
        name, often = f"task {shown.tasks[task]}", f"{least}{times} times"
        return [f"{name} delivered {often} in {_seconds(took)}", f"{name}: {often}"]
    deliveries = f"{least}{len(bars)} deliveries"
    return [f"{deliveries} in {_seconds(bars[-1].start - bars[0].start)}", deliveries]


def _label(made: Picture, placed: Placed, top: float) -> None:
    y = top + placed.row * _ROW + _ROW / 2
    great = placed.label.weight is Weight.GREAT
    for mark in placed.label.marks:
        x, colour = made.axis(mark.at), "ink" if great or mark.task else "muted"
        made.glyphs.append(Glyph(x, y, "cross" if mark.text == "killed" else "dot", colour))
        made.places[mark.number] = (x, y)
    if placed.text:
        align = "right" if placed.to_the_left else "left"
        made.words.append(Words(placed.x, y, placed.text, "ink", align, bold=great))


def _bars(made: Picture, shown: Timeline, bars: Sequence[Bar], top: float) -> float:
    """Draws the bars in as many rows as they need, and returns where the last row ends."""
    rows: list[float] = []
    boxes: list[tuple[Bar, int, float, float, Words]] = []
    for bar in bars:
        left = made.axis(bar.start)
        right = max(made.format.width if bar.end is None else made.axis(bar.end), left + 3)
        words, begin, end = _words(bar, shown.tasks[bar.task], left, right, made.format.width)
        boxes.append((bar, _row(rows, begin, end), left, right, words))
    height = 19.0 if len(rows) <= 6 else 14.0
    for bar, row, left, right, words in boxes:
        y = top + row * height
        middle = y + height / 2
        made.places[bar.number] = (left, middle)
        if bar.settled_by is not None:
            made.places[bar.settled_by] = (right, middle)
        _bar(made, bar, Rect(left, y + 1.5, right, y + height - 1.5, _fill(bar), dashed=bar.redelivered))
        made.words.append(replace(words, y=middle, size=SIZE if height > 15 else SIZE - 2))
    return top + len(rows) * height


def _row(rows: list[float], begin: float, end: float) -> int:
    """The first row that is free at `begin`; it is taken until `end` then. `rows` says where each is free again."""
    row = next((number for number, free in enumerate(rows) if free <= begin), len(rows))
    rows[row : row + 1] = [end]
    return row


def _words(bar: Bar, number: int, left: float, right: float, width: float) -> tuple[Words, float, float]:
    """What a bar is called, in it or beside it; and where the bar begins and ends together with that."""
    texts = _texts(bar, number)
    for text in texts:
        if width_of(text, SIZE) + 10 <= right - left:
            return Words(left + 5, 0.0, text, "paper"), left, right + 3
    gap, room = 8 if bar.ending is Ending.TAKEN_BACK else 4, width_of(texts[-1], SIZE)
    if right + gap + room <= width:
        return Words(right + gap, 0.0, texts[-1]), left, right + gap + room + 8
    return Words(left - 4, 0.0, texts[-1], align="right"), left - 4 - room, right + 3


def _bar(made: Picture, bar: Bar, box: Rect) -> None:
    middle = (box.top + box.bottom) / 2
    if bar.ending is Ending.NO_ACK:
        made.glyphs.append(Glyph(box.left, middle, "diamond", "work"))
        return
    made.bars.append(box)
    if bar.ending is Ending.TAKEN_BACK:
        made.glyphs.append(Glyph(box.right, middle, "cross", "ink"))


def _fill(bar: Bar) -> str:
    if bar.ending in (Ending.REJECTED, Ending.REQUEUED):
        return "reject"
    return "again" if bar.redelivered else "work"


def _texts(bar: Bar, number: int) -> list[str]:
    """What a bar may be called, the longest form first."""
    ending = f", {bar.ending}" if bar.ending in (Ending.REJECTED, Ending.REQUEUED, Ending.NO_ACK) else ""
    if bar.redelivered:
        return [f"task {number}, redelivered{ending}", f"task {number} again{ending}", f"{number} again"]
    return [f"task {number}{ending}", f"task {number}", str(number)]


def _density(made: Picture, times: Iterable[float], top: float, fill: str) -> float:
    """Draws each of these moments as a thin line, and returns where the lines end."""
    columns = sorted({_EACH * round(made.axis(each) / _EACH) for each in times})
    steps = tuple(step for x in columns for step in ((x, 22.0), (x + _EACH / 2, 0.0)))
    made.areas.append(Area(steps, top + 24, fill))
    return top + 26


def _outages(made: Picture, spans: Iterable[Span], top: float) -> float:
    """Draws the outages with their texts in as many rows as they need, and returns where the last row ends."""
    rows: list[float] = []
    for span in spans:
        left, right = made.axis(span.start), made.axis(span.end)
        right, width = max(right, left + 3), width_of(span.text, SIZE)
        before, after = left - 6 - made.format.gutter, made.format.width - right - 6
        if width + 8 <= right - left:
            words, begin, end = Words((left + right) / 2, 0.0, span.text, "paper", "center"), left, right
        elif width <= after or after >= before:
            words, begin, end = (
                Words(right + 6, 0.0, shortened(span.text, after, SIZE)),
                left,
                right + 6 + width,
            )
        else:
            words = Words(left - 6, 0.0, shortened(span.text, before, SIZE), align="right")
            begin, end = left - 6 - width, right
        y = top + _row(rows, begin, end + 3) * _ROW
        made.bars.append(Rect(left, y + 1, right, y + _ROW, "outage"))
        made.words.append(replace(words, y=y + _ROW / 2 + 0.5))
    return top + max(len(rows), 1) * _ROW


def _queue_lane(made: Picture, shown: Timeline, steps: Sequence[tuple[float, int]], y: float) -> float:
    """Draws how many messages wait, and returns where the lane ends."""
    width, gutter = made.format.width, made.format.gutter
    made.lines.append(Line(0, y, width, y, "grid"))
    most = max(number for _, number in steps)
    base = y + _PAD + (0 if gutter else _ROW) + _DEPTH
    scale = (_DEPTH - 14) / max(most, 1)
    seen: dict[float, int] = {}
    grain: float = _EACH if len(steps) > _MOST_STEPS else 1
    for at, number in steps:  # of many changes at one place, the greatest depth is shown
        x = round(made.axis(at) / grain) * grain
        seen[x] = max(number, seen.get(x, 0)) if grain > 1 else number
    until = min((each.start for each in shown.outages), default=shown.end)
    seen.setdefault(round(made.axis(until)), steps[-1][1])
    made.areas.append(Area(tuple((x, number * scale) for x, number in sorted(seen.items())), base, "queue"))
    first = next((at for at, number in steps if number == most), steps[0][0])
    if most:
        x = made.axis(first)
        text = f"{most} waiting"
        align = "left" if x + width_of(text, SIZE - 1) < width else "right"
        made.words.append(Words(x, base - most * scale - 7, text, align=align, size=SIZE - 1))
    made.lines.append(Line(gutter, base, width, base, "grid"))
    _name(made, "queue", "tasks that wait", y, base + _PAD)
    return base + _PAD


# Across the lanes


def _links(made: Picture, shown: Timeline) -> None:
    """Ties each redelivery to the delivery before, and what survived an outage to its publication."""
    last: dict[str, Bar] = {}
    published: dict[str, Mark] = {each.task: each for each in reversed(shown.marks) if each.task}
    links: list[tuple[tuple[float, float], tuple[float, float]]] = []
    for bar in shown.bars:
        before, to = last.get(bar.task), made.places.get(bar.number)
        last[bar.task] = bar
        if to is None:
            continue
        if before is not None and before.end is not None and before.number in made.places:
            links.append(((made.axis(before.end), made.places[before.number][1]), to))
        elif before is None and bar.task in published:
            sent = published[bar.task]
            if sent.number in made.places and any(sent.at < each.start < bar.start for each in shown.outages):
                links.append((made.places[sent.number], to))
    if len(links) <= _MOST_LINKS:
        made.links += [Line(x, y, x2, y2, "link", width=1.5, dashed=True) for (x, y), (x2, y2) in links]


_LINE = 15.0


def _decision_lines(why: str, form: Format) -> list[str]:
    """The sentence in as many lines as there may be."""
    words, lines = why.split(), [""]
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        if width_of(longer, SIZE) <= form.decision or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    shown = [each for each in lines[: form.decision_lines] if each]
    if len(lines) > form.decision_lines:
        shown[-1] = f"{shown[-1]} {lines[form.decision_lines]}"
    return [shortened(each, form.decision, SIZE) for each in shown]


def _decision_height(shown: Timeline, why: str, form: Format) -> float:
    return 6.0 + _LINE * len(_decision_lines(why, form)) if shown.decided_at is not None and why else 4.0


def _decision(made: Picture, decided_at: float, why: str, bottom: float) -> None:
    x, width = made.axis(decided_at), made.format.width
    lines = _decision_lines(why, made.format)
    widest = max((width_of(each, SIZE) for each in lines), default=0.0)
    to_the_left = x > width / 2
    at, align, begin = (x - 6, "right", 4.0) if to_the_left else (x + 6, "left", 4.0)
    if (to_the_left and x - 6 < widest) or (not to_the_left and x + 6 + widest > width):
        at, align = (2.0, "left") if to_the_left else (width - 2, "right")
        begin = _LINE * len(lines) + 3
    for number, text in enumerate(lines):
        made.words.append(Words(at, 9 + number * _LINE, text, "bad", align, bold=True))
    made.links.append(Line(x, begin, x, bottom, "bad", width=1.5))


def _covers(made: Picture) -> Iterator[Rect]:
    """A box behind each text that a line would cross, unless the text lies on a bar."""
    for each in made.words:
        if each.colour == "paper":
            continue
        width = width_of(each.text, each.size)
        left = each.x - {"left": 0.0, "center": width / 2, "right": width}[each.align]
        box = Rect(left - 1, each.y - each.size / 2, left + width + 1, each.y + each.size / 2, "paper")
        if any(_crosses(line, box) for line in made.links):
            yield box


def _crosses(line: Line, box: Rect) -> bool:
    """Whether the line enters the box; found at points of the line that are two pixels apart."""
    steps = max(1, int(max(abs(line.x2 - line.x), abs(line.y2 - line.y)) / 2))
    return any(
        box.left < line.x + (line.x2 - line.x) * step / steps < box.right
        and box.top < line.y + (line.y2 - line.y) * step / steps < box.bottom
        for step in range(steps + 1)
    )


def _seconds(length: float) -> str:
    return f"{length * 1000:.0f} ms" if length < 0.1 else f"{length:.1f} s"
