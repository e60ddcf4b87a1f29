"""Workers under a supervisor: one that has ended is replaced, as in production."""

import time
from collections.abc import Callable

from ..judgement.verdicts import Verdict, judge
from ..timeouts import EVENTUALLY, POLL
from .bench import Bench
from .parties import Worker


class Supervisor:
    """Keeps a number of workers running."""

    def __init__(self, bench: Bench, size: int) -> None:
        """Starts `size` workers, and waits until each asks for tasks."""
        self._bench = bench
        self._workers = [bench.start_worker() for _ in range(size)]

    def any_worker(self) -> Worker:
        """One of the workers, drawn at random."""
        return self._bench.random.choice(self._workers)

    def replaces_ended_workers(self) -> None:
        """Starts a worker for each that has ended, and does not wait for it."""
        self._workers = [
            worker if worker.process.running else self._bench.start_worker(ready=False)
            for worker in self._workers
        ]

    def eventually(self, question: Callable[[], Verdict], work: float = 0.0) -> None:
        """Waits until the verdict holds, and replaces workers that end meanwhile. Raises Broken if it does not hold
        in time; `work` seconds are added to the usual time.
        """
        deadline = time.monotonic() + EVENTUALLY + work
        while not question() and time.monotonic() < deadline:
            self.replaces_ended_workers()
            self._bench.history.wait(lambda _: question(), 10 * POLL)
        judge(question())
