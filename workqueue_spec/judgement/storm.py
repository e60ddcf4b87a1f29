"""What a storm itself notes in the history: its tasks, its faults, who replaces whom, and the queue in the end.

The bench writes these events, and the judge reads them, also from a file. Each has a party (`Event.who`), a name
(`Event.what`) and a text.
"""

import re
from typing import NamedTuple

from .event import Event

TASK = "task"
"""The suite has made a task, which is not sent yet. Text: the task's token, and the seconds of its work."""
ASKED = "asked"
"""The party is a run of the producer that is to send a task. Text: the task's token."""
SENT = "sent"
"""The suite has sent a task, and the broker has confirmed it. The text begins with the task's token."""
FAULT = "fault"
"""The party meets a fault. Text: its number and its kind, and the seconds that it lasts, if it lasts."""
OVER = "fault over"
"""A fault that lasts is over. The same party and text."""
REPLACES = "replaces"
"""The party is a worker that takes the place of one that has ended. Text: the name of the other."""
COUNTED = "counted"
"""The broker has been asked how many messages of the queue are ready. Text: the number, or nothing if there is no
such queue."""

_FAULT = re.compile(r"fault (\d+): ([a-z ]+?)(?: for ([0-9.]+) s)?")


class FaultText(NamedTuple):
    """What the text of a fault says."""

    number: int
    kind: str
    seconds: float
    """How long the fault lasts; 0 for a moment."""

    def __str__(self) -> str:
        lasts = f" for {self.seconds:.1f} s" if self.seconds else ""
        return f"fault {self.number}: {self.kind}{lasts}"


def fault_in(text: str) -> FaultText:
    """What the text of a fault says. Raises ValueError if it is none."""
    found = _FAULT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no fault")
    return FaultText(int(found[1]), found[2], float(found[3] or 0))


def task_text(token: str, seconds: float) -> str:
    """The text of an event about a new task."""
    return f"{token} {seconds:.3f}"


def task_in(event: Event) -> tuple[bytes, float]:
    """The mark of a new task, and the seconds of its work. Raises ValueError if the text is none."""
    token, _, seconds = event.text.partition(" ")
    return token.encode(), float(seconds)
