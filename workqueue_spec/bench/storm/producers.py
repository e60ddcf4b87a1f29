"""The producers of a storm: several runs of the producer, or requests to its service, side by side."""

from ...judgement.storm import ASKED, FAULT, TASK, task_text
from ...specification.clauses import Role
from ..bench import Bench
from ..parties import ProducerRun, Service
from .faults import at_the_confirm
from .schedule import Fault

MOST = 4
"""The most runs of the producer at once. Runs that wait for the broker pile up while it is away."""


class Producers:
    """Starts runs of the producer under test, each for one task, and notes which task it is for."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._runs: list[ProducerRun] = []
        self._service: Service | None = None

    @property
    def are_there(self) -> bool:
        """Whether there is a producer under test."""
        return Role.PRODUCER in self._bench.subject.roles

    @property
    def running(self) -> list[ProducerRun]:
        """The runs that have not ended. Those that have ended give back what they had open."""
        for run in self._runs:
            if run.status is not None and self._service is None:
                self._bench.gives_back(run)
        self._runs = [run for run in self._runs if run.status is None]
        return self._runs

    def start(self, fault: Fault | None = None) -> None:
        """Starts a run for a new task, unless too many run already. One that meets a fault is started anyway."""
        if not self.are_there or (fault is None and len(self.running) >= MOST):
            return
        bench = self._bench
        task = bench.task(dots=1)
        bench.history.add("suite", TASK, task_text(task.token, bench.subject.seconds_per_dot * task.dots))
        words = task.text.split()
        met = None if fault is None else at_the_confirm(fault)
        if bench.subject.service is None:
            run = bench.produce(*words, faults=met)
            met_by = run.name
        else:
            service = self._running_service()
            if met is not None:
                met(service.tap)
            run, met_by = service.is_asked(*words), service.name
        bench.history.add(run.name, ASKED, task.token)
        if fault is not None:
            bench.history.add(met_by, FAULT, fault.text)
        self._runs.append(run)

    def end(self) -> None:
        """Waits until all runs have ended, for the time that anything promised may take, and kills the others."""
        for run in list(self._runs):
            if run.ends_in_time() is None:
                run.kill()

    def _running_service(self) -> Service:
        if self._service is None or not self._service.running:
            self._service = self._bench.start_service()
        return self._service
