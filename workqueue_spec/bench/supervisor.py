"""Workers under a supervisor: one that has ended is replaced, as in production."""

import time
from collections.abc import Callable

from ..judgement.verdicts import Verdict, judge
from ..timeouts import EVENTUALLY, POLL
from .bench import Bench
from .parties import Worker


class Supervisor:
    """So many workers at all times, or soon again."""

    def __init__(self, bench: Bench, size: int) -> None:
        self._bench = bench
        self._workers = [bench.start_worker() for _ in range(size)]

    def any_worker(self) -> Worker:
        """One of them, by chance."""
        return self._bench.random.choice(self._workers)

    def is_completed(self) -> None:
        """Starts a worker for each that has ended."""
        self._workers = [
            worker if worker.process.running else self._bench.start_worker(ready=False)
            for worker in self._workers
        ]

    def eventually(self, question: Callable[[], Verdict], work: float = 0.0) -> None:
        """Waits until the verdict holds, and keeps the crew complete; broken if it does not in time, to which
        the seconds of work that it takes are added.
        """
        deadline = time.monotonic() + EVENTUALLY + work
        while not question() and time.monotonic() < deadline:
            self.is_completed()
            self._bench.history.wait(lambda _: question(), 10 * POLL)
        judge(question())
