"""How soon a system works again after each fault."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..event import Event
from ..storm import FaultText, fault_in


@dataclass
class Recovery:
    """What is known of the faults of one kind."""

    kind: str
    times: int = 0
    recovered: int = 0
    seconds: float = 0.0
    """From the end of each of the faults to the recovery, all together."""
    longest: float = 0.0

    @property
    def mean(self) -> float | None:
        """The seconds that the recovery took on the average; None if there was none."""
        return self.seconds / self.recovered if self.recovered else None


@dataclass
class _Waiting:
    fault: FaultText
    parties: set[str] = field(default_factory=set)
    """Who may show that the fault is recovered from; nobody: everybody may."""
    since: float | None = None
    """When the fault was over, or a producer met it; None while it lasts."""


class Recoveries:
    """The faults of a storm, and when the system has recovered from each of them.

    From a fault of a worker it has recovered when the same worker, or the one that takes its place, finishes a
    task; from a fault of the broker when anybody does; from a fault of a producer when a task of this producer is
    confirmed.
    """

    def __init__(self) -> None:
        self._kinds: dict[str, Recovery] = {}
        self._waiting: dict[int, _Waiting] = {}

    def __iter__(self) -> Iterator[Recovery]:
        yield from self._kinds.values()

    @property
    def latest(self) -> str:
        """The kind of a fault that lasts now, or else of the last one that is not recovered from; empty if there is
        none.
        """
        lasting = [each for each in self._waiting.values() if each.since is None]
        return next((each.fault.kind for each in reversed(lasting or list(self._waiting.values()))), "")

    def begins(self, event: Event) -> None:
        """A party meets a fault."""
        fault = fault_in(event.text)
        of_broker = event.who == "broker"
        kind = f"{event.who.partition(' ')[0]} {fault.kind}"
        self._kinds.setdefault(kind, Recovery(kind)).times += 1
        waiting = _Waiting(fault._replace(kind=kind), set() if of_broker else {event.who})
        lasts = fault.seconds and event.who.startswith(("worker", "broker"))
        waiting.since = None if lasts else event.at
        self._waiting[fault.number] = waiting

    def is_over(self, event: Event) -> None:
        """A fault that lasts is over."""
        waiting = self._waiting.get(fault_in(event.text).number)
        if waiting is not None:
            waiting.since = event.at

    def replaces(self, new: str, old: str) -> None:
        """A worker takes the place of another."""
        for waiting in self._waiting.values():
            if old in waiting.parties:
                waiting.parties = {new}

    def finished(self, who: str, at: float) -> None:
        """The party has finished a task, or the task that it has sent was confirmed."""
        for number, waiting in list(self._waiting.items()):
            if (
                waiting.since is not None
                and waiting.since <= at
                and (not waiting.parties or who in waiting.parties)
            ):
                of_kind = self._kinds[waiting.fault.kind]
                of_kind.recovered += 1
                of_kind.seconds += at - waiting.since
                of_kind.longest = max(of_kind.longest, at - waiting.since)
                del self._waiting[number]

    def ended(self, who: str) -> None:
        """A program has ended. If it is a producer, it does not recover any more."""
        if who.startswith(("producer", "request", "service")):
            for number in [number for number, each in self._waiting.items() if who in each.parties]:
                del self._waiting[number]
