"""The schedule of a storm: which fault strikes whom, and when. It is a pure function of the run's seed."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ...judgement.storm import FaultText

ROUND = 15.0
"""Seconds of a round, in which each kind of fault strikes once. A shorter storm is one round."""


class FaultKind(StrEnum):
    """What a fault is, as the history calls it."""

    KILLED = "killed"
    """SIGKILL to a worker."""
    TERMINATED = "terminated"
    """SIGTERM to a worker, and SIGKILL if it does not end in time."""
    STOPPED = "stopped"
    """SIGSTOP to a worker, and SIGCONT later."""
    CUT = "cut"
    """A worker's connection ends with a FIN on both sides."""
    RESET = "reset"
    """The same with a RST."""
    SILENT = "silent"
    """Nothing passes on a worker's connection, and later it is reset."""
    DELAYED = "delayed"
    """All that passes on a worker's connection comes later, each segment by another time."""
    SLOWED = "slowed"
    """Little passes in a second on a worker's connection."""
    CONFIRM_LOST = "confirm lost"
    """A producer's connection is reset while the confirm is on its way."""
    CONFIRM_SILENT = "confirm withheld"
    """The confirm never comes, and later the producer's connection is lost."""
    RESTARTED = "restarted"
    """RabbitMQ is stopped and started within its node."""
    CRASHED = "crashed"
    """SIGKILL to the broker's node, which is started again with what it has on disk."""
    OUT_OF_MEMORY = "out of memory"
    """The broker's memory alarm: nobody can publish."""
    LEADER_KILLED = "leader killed"
    """SIGKILL to the node of a cluster that leads the queue; it is started again later."""
    NODE_KILLED = "node killed"
    """The same to another node."""
    LEADER_STOPPED = "leader stopped"
    """The leader's node is stopped gracefully, and started again later."""
    NODES_RESTARTED = "nodes restarted"
    """Each node is stopped and started, one after another."""
    LEADER_PAUSED = "leader paused"
    """SIGSTOP to the leader's node, and SIGCONT later."""
    HALVES = "halves parted"
    """Nothing passes between the two halves of a cluster; of three nodes, one is a half."""
    NODE_ALONE = "node alone"
    """Nothing passes between a node that does not lead the queue and all others."""
    RING = "ring of majorities"
    """The leader's node and another one lose each other: each node sees a majority, and no two see the same."""
    LEADER_ALONE = "leader alone"
    """Nothing passes between the leader's node and all others."""


OF_WORKERS = frozenset(list(FaultKind)[:8])
OF_PRODUCERS = frozenset([FaultKind.CONFIRM_LOST, FaultKind.CONFIRM_SILENT])
OF_THE_WHOLE_BROKER = frozenset([FaultKind.RESTARTED, FaultKind.CRASHED, FaultKind.OUT_OF_MEMORY])
KILLS_OF_NODES = frozenset([FaultKind.CRASHED, FaultKind.LEADER_KILLED, FaultKind.NODE_KILLED])
OF_NODES = frozenset(FaultKind) - OF_WORKERS - OF_PRODUCERS - OF_THE_WHOLE_BROKER

_LASTS = {
    FaultKind.STOPPED: (1.2, 2.0),
    FaultKind.SILENT: (0.5, 2.0),
    FaultKind.DELAYED: (1.0, 3.0),
    FaultKind.SLOWED: (1.0, 3.0),
    FaultKind.CONFIRM_SILENT: (0.5, 2.0),
    FaultKind.OUT_OF_MEMORY: (0.5, 1.5),
    FaultKind.LEADER_KILLED: (1.0, 4.0),
    FaultKind.NODE_KILLED: (1.0, 4.0),
    FaultKind.LEADER_STOPPED: (1.0, 4.0),
    FaultKind.LEADER_PAUSED: (2.0, 8.0),
    FaultKind.HALVES: (2.0, 6.0),
    FaultKind.NODE_ALONE: (2.0, 6.0),
    FaultKind.RING: (2.0, 6.0),
    FaultKind.LEADER_ALONE: (2.0, 6.0),
}
"""The fewest and the most seconds that a fault lasts. They are fewer than a heartbeat, so a connection that is only
silent is not lost for that alone. The nodes of our cluster take a paused one for lost after 5 to 6 s."""


@dataclass(frozen=True)
class Fault:
    """One fault of a schedule."""

    number: int
    """From 1, in the order of their moments."""
    kind: FaultKind
    at: float
    """Seconds since the storm began."""
    seconds: float = 0.0
    """How long it lasts; 0 for a moment."""
    place: int | None = None
    """The place of the worker that it strikes; None if it strikes a producer or the broker."""

    @property
    def text(self) -> str:
        """How the history calls it."""
        return str(FaultText(self.number, str(self.kind), self.seconds))

    def as_data(self) -> dict[str, Any]:
        """The fault as JSON has it."""
        target = "broker" if self.kind not in OF_WORKERS | OF_PRODUCERS else "producer"
        if self.place is not None:
            target = f"worker at place {self.place + 1}"
        return {
            "number": self.number,
            "kind": str(self.kind),
            "target": target,
            "at": round(self.at, 3),
            "seconds": round(self.seconds, 3),
        }


def schedule(
    random: random.Random, seconds: float, kinds: Sequence[FaultKind], workers: int
) -> tuple[Fault, ...]:
    """The faults of a storm of that many seconds. In each round each of the kinds strikes once, in another order.

    A fault of a worker strikes a place where no other fault lasts, if there is one. While a worker is stopped
    nothing else strikes: a connection that is lost meanwhile would hide what the worker does when it goes on.
    """
    rounds = max(1, int(seconds // ROUND))
    slot = seconds / (rounds * len(kinds)) if kinds else 0.0
    drawn = [kind for _ in range(rounds) for kind in random.sample(list(kinds), len(kinds))]
    until, resumed = [0.0] * workers, 0.0
    faults = []
    for number, kind in enumerate(drawn, 1):
        at = max((number - 1 + random.uniform(0.1, 0.9)) * slot, resumed)
        lasts = random.uniform(*_LASTS[kind]) if kind in _LASTS else 0.0
        place = None
        if kind in OF_WORKERS:
            free = [each for each in range(workers) if until[each] <= at]
            place = random.choice(free or list(range(workers)))
            until[place] = at + lasts
        if kind is FaultKind.STOPPED:
            resumed = at + lasts
        faults.append(Fault(number, kind, at, lasts, place))
    return tuple(faults)
