"""One run of the producer under test."""

from typing import Self

from ...judgement.history import History
from ...judgement.ledger import Publication
from ...judgement.tasks import Task
from ...judgement.verdicts import Broken, judge
from ...judgement.verdicts.reporting import nothing_reported_yet
from ...programs.process import Process
from ...timeouts import EVENTUALLY, LEAVES
from ...wiretap import Tap
from .program import Program

GIVES_UP = 4 * EVENTUALLY
"""Seconds after which a program that can't do what it is asked for once has said so: a minute. It is run by
someone who waits, a person, a request or a scheduled job, and none of them waits longer for one task; a
client library's usual attempts and timeouts (most are 5 to 30 s) fit in."""


class Production(Program):
    """One run of the producer under test."""

    def __init__(
        self, process: Process, tap: Tap, history: History, seconds_per_dot: float, start_seconds: float
    ) -> None:
        """`start_seconds` may pass until it asks the broker for something."""
        super().__init__(process, tap, history, seconds_per_dot)
        self._slow_start = max(0.0, start_seconds - EVENTUALLY)

    def publishes(self, task: Task) -> Publication:
        """Waits until the task has gone to the broker."""
        return self._eventually(
            lambda book: book.carrying(task.mark),
            f"{self.who} publishes task {task.token}",
            self._slow_start,
        )[0]

    @property
    def status(self) -> int | None:
        """Its exit status, or None while it runs."""
        return self.process.exit_status(within=0)

    def runs_its_course(self) -> int | None:
        """Its exit status, or None where it does not end in the time of anything promised: that is not asked
        here.
        """
        return self.process.exit_status(EVENTUALLY + self._slow_start)

    def gives_up(self) -> int:
        """Its exit status, within the time that someone waits who runs it for one task."""
        return self.exit_status(GIVES_UP + self._slow_start)

    def ends_in_time(self) -> int | None:
        """The same, but None where it runs on: that is not asked here."""
        if self.process.exit_status(GIVES_UP + self._slow_start) is None:
            return None
        return self.gives_up()

    def reports_nothing_yet(self) -> None:
        """Watches that it doesn't report success, for as long as its end may take if it waits for nothing."""
        self.history.wait(lambda _: self.status is not None, LEAVES)
        judge(nothing_reported_yet(self.status))

    def succeeds(self) -> Self:
        """Waits for its end, which must be with status 0."""
        if (status := self.exit_status(EVENTUALLY + self._slow_start)) != 0:
            raise Broken(f"{self.who} ends with status 0", f"it ended with status {status}")
        return self
