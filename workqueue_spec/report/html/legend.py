"""What the signs of a picture mean, for those who see one for the first time: a pure function of its timeline."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from .depth import depth
from .shapes import NARROW
from .timeline import Ending, Timeline


class Sign(NamedTuple):
    """A sign and its meaning. The style sheet draws the sign by its name."""

    name: str
    means: str


def legend(shown: Timeline) -> list[Sign]:
    """The signs that are on the picture of the timeline, and no others."""
    return [*_bars(shown), *_moments(shown), *_times(shown)]


def _bars(shown: Timeline) -> Iterator[Sign]:
    endings = {bar.ending for bar in shown.bars}
    rejected = {Ending.REJECTED, Ending.REQUEUED}
    if any(not bar.redelivered and bar.ending not in {*rejected, Ending.NO_ACK} for bar in shown.bars):
        yield Sign("work", "a task in hand, from its delivery to its acknowledgement")
    if any(bar.redelivered and bar.ending not in {*rejected, Ending.NO_ACK} for bar in shown.bars):
        yield Sign("again", "a task in hand that was delivered before")
    if endings & rejected:
        gives_back = "and gives it back to the queue" if Ending.REQUEUED in endings else "for good"
        yield Sign("reject", f"a task in hand that the worker then rejects {gives_back}")
    if Ending.HELD in endings:
        yield Sign("edge", "a bar up to the right edge: not acknowledged")
    if Ending.NO_ACK in endings:
        yield Sign("no-ack", "a delivery that needs no acknowledgement")
    if any(number > NARROW.most_bars for number in Counter(bar.party for bar in shown.bars).values()):
        yield Sign("thin", "deliveries, if there are too many for bars")


def _moments(shown: Timeline) -> Iterator[Sign]:
    killed = any(mark.text == "killed" for mark in shown.marks)
    taken_back = any(bar.ending is Ending.TAKEN_BACK for bar in shown.bars)
    if killed or taken_back:
        both = "killed, or the task is taken back" if killed and taken_back else ""
        yield Sign(
            "cross", both or ("killed" if killed else "the task is taken back: its connection has ended")
        )
    if any(mark.task for mark in shown.marks):
        yield Sign("dot", "a task is sent")
    if shown.decided is not None:
        yield Sign("decided", "this decided it")


def _times(shown: Timeline) -> Iterator[Sign]:
    if depth(shown):
        yield Sign("queue", "how many tasks wait in the queue")
    if any(span.party in shown.lanes for span in shown.connections):
        yield Sign("connected", "connected to the broker")
    if shown.silences:
        yield Sign("silence", "connected, and silent for longer than the heartbeat")
    if shown.outages:
        yield Sign("outage", "the broker is disturbed")
