"""The memory of a worker under test, measured while it works on large tasks."""

from collections.abc import Sequence

from ..judgement.tasks import Task
from ..judgement.verdicts import NotJudged, Verdict
from ..judgement.verdicts.failing import no_longer_held
from ..judgement.verdicts.memory import gives_memory_back
from ..programs.memory import is_connected, is_sized_by_the_machine, private_memory
from .parties import Worker

MOST = 128_000_000
"""Bytes of tasks that a worker is given at most. A worker on Node.js (amqplib) grew by 45 MB at most. One on
Java grew by 240 MB: its heap may have a quarter of the machine's 23 GB. The suite keeps all tasks of a test."""


class WatchedMemory:
    """The growth of a worker's memory since now."""

    def __init__(self, worker: Worker) -> None:
        """Raises NotJudged if the memory of the worker's processes cannot be measured, or if its runtime may
        collect garbage later than after MOST bytes.
        """
        self._worker = worker
        self._tasks: list[Task] = []
        processes = worker.process.processes()
        if not is_connected(processes, worker.tap.port):
            raise NotJudged("its processes are not found on this machine")
        if is_sized_by_the_machine(processes):
            raise NotJudged(
                "its runtime collects garbage only in a full heap, whose size depends on the machine"
            )
        self._at_first = self._used()
        self._measured: list[tuple[int, int]] = []
        """Of each measurement: the bytes of all tasks that the worker was given, and those that it used."""

    @property
    def growth(self) -> Verdict:
        """Whether the worker has given memory back so far."""
        return gives_memory_back(self._at_first, self._measured)

    @property
    def is_decided(self) -> bool:
        """Whether the worker has given memory back, or has been given so much that it should have."""
        return bool(self._measured) and (self.growth.holds or self._measured[-1][0] >= MOST)

    def measure_after(self, tasks: Sequence[Task]) -> None:
        """Waits until the worker has done the tasks, and measures again. Raises NotJudged if it does not do them in
        time.
        """
        self._tasks += tasks
        self._worker.tries(tasks)
        done = [self._worker.deliveries(task) for task in self._tasks]
        if not all(no_longer_held(each) for each in done):
            raise NotJudged("it does not do large tasks in time")
        self._measured.append((sum(len(each[-1].body) for each in done), self._used()))

    def _used(self) -> int:
        used = private_memory(self._worker.process.processes())
        if used is None:
            raise NotJudged("the system does not tell how much memory its processes use")
        return used
