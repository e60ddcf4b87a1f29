"""One run of the producer under test."""

from typing import Self

from ...judgement.history import History
from ...judgement.ledger import Publication
from ...judgement.tasks import Task
from ...judgement.verdicts import Broken, Kind, Moment, judge
from ...judgement.verdicts.reporting import nothing_reported_yet
from ...programs.process import Process
from ...timeouts import EVENTUALLY, LEAVES
from ...wiretap import Tap
from .program import Program

GIVES_UP = 4 * EVENTUALLY
"""Seconds within which a producer that cannot publish has said so: a minute. Someone waits for it (a person, a
request or a scheduled job), and none of them waits longer for one task. The usual attempts and timeouts of
client libraries, most of them 5 to 30 s, fit in."""


class ProducerRun(Program):
    """One run of the producer under test, which publishes one task."""

    def __init__(
        self, process: Process, tap: Tap, history: History, seconds_per_dot: float, start_seconds: float
    ) -> None:
        """The producer may take `start_seconds` until it first asks the broker for something."""
        super().__init__(process, tap, history, seconds_per_dot)
        self._slow_start = max(0.0, start_seconds - EVENTUALLY)

    def publishes(self, task: Task) -> Publication:
        """Waits until the task has gone to the broker. Returns the first publication."""
        return self._eventually(
            lambda book: book.carrying(task.mark),
            f"{self.name} publishes task {task.token}",
            self._slow_start,
        )[0]

    @property
    def status(self) -> int | None:
        """Its exit status, or None while it runs."""
        return self.process.exit_status(within=0)

    def ends_in_time(self) -> int | None:
        """Waits until it has ended, for the time that anything promised may take. Returns its exit status, or None
        if it still runs; this breaks nothing.
        """
        return self.process.exit_status(EVENTUALLY + self._slow_start)

    def gives_up(self) -> int:
        """Waits until it has ended, for as long as someone waits who runs it for one task (`GIVES_UP`). Returns its
        exit status; raises Broken if it still runs.
        """
        return self.exit_status(GIVES_UP + self._slow_start)

    def ends_or_hangs(self) -> int | None:
        """The same as `gives_up`, but returns None if it still runs; this breaks nothing."""
        if self.process.exit_status(GIVES_UP + self._slow_start) is None:
            return None
        return self.gives_up()

    def reports_nothing_yet(self) -> None:
        """Watches that it does not report success, for as long as its end takes if it waits for nothing."""
        self.history.wait(lambda _: self.status is not None, LEAVES)
        judge(nothing_reported_yet(self.status))

    def succeeds(self) -> Self:
        """Waits until it has ended. Raises Broken unless its exit status is 0."""
        if (status := self.exit_status(EVENTUALLY + self._slow_start)) != 0:
            decided_by = Moment(self.name, None, "exited")
            seen = f"it ended with status {status}"
            raise Broken(f"{self.name} ends with status 0", seen, decided_by, Kind.STATUS)
        return self
