"""Workers under a supervisor: one that has ended is replaced, as in production."""

from collections.abc import Sequence

from ..judgement.storm import REPLACES
from .bench import Bench
from .parties import Worker


class Supervisor:
    """Keeps a number of workers running, each at a place of its own."""

    def __init__(self, bench: Bench, size: int) -> None:
        """Starts `size` workers, and waits until each asks for tasks."""
        self._bench = bench
        self._workers = [bench.start_worker() for _ in range(size)]

    @property
    def workers(self) -> Sequence[Worker]:
        """The worker at each place."""
        return self._workers

    def replaces_ended_workers(self) -> None:
        """Starts a worker for each that has ended, and does not wait for it."""
        for place, worker in enumerate(self._workers):
            if not worker.process.running:
                new = self._workers[place] = self._bench.start_worker(ready=False)
                self._bench.history.add(new.name, REPLACES, worker.name)
                self._bench.gives_back(worker)
