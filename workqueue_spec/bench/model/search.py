"""The search for steps at which a queue differs from the model, and the fewest of them.

How it works. Hypothesis draws the steps of many examples, by the run's seed. Each example has new connections: what
was done before on an old one may matter, and would be missing when the example is taken again. The first example
that fails ends the search. Then fewer steps that fail are looked for, for a bounded time. There a step waits only
for a moment for what is due, so what is found counts only if it fails once more, with the usual patience.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from ...judgement.verdicts import Broken, NotJudged
from ...timeouts import EVENTUALLY, MODEL_EXAMPLE, QUIET
from ..bench import Bench
from .machine import QueueMachine
from .run import CLIENTS, ModelRun
from .shrinking import Steps, fewest
from .steps import as_test

STEPS = 20
"""The most steps of an example. A message is given back less often than RabbitMQ 4 allows (20 times)."""
WITH_RESTART = 15
"""In one of so many examples the broker may be restarted. A restart takes as long as dozens of other steps."""
LONGEST = 100.0
"""Seconds after which no further example is begun, unless so many examples may take longer."""
SHRINKING = 40.0
"""Seconds for which fewer steps are looked for."""
MOST_REPLAYS = 5
"""How many of the shortest failures are tried once more."""


class _Stop(BaseException):
    """Ends Hypothesis at once: it does not catch what is no Exception."""


@dataclass
class Search:
    """What was tried, and what was found."""

    bench: Bench
    seconds: float
    """For how long it may go on, without the time for fewer steps."""
    examples: int = 0
    """How many examples were begun."""
    failed: list[Steps] = field(default_factory=list)
    """Steps that failed. The first are those of the example, the last are the fewest."""
    broken: Broken | None = None
    """How the example failed."""

    def __post_init__(self) -> None:
        self._clients = [self.bench.connect_plainly() for _ in CLIENTS]
        self._until = time.monotonic() + self.seconds
        self._runs = 0
        self._stopped_by: Exception | None = None

    def tries(self, examples: int, seed: int, *, restarts: bool) -> None:
        """Tries this many examples, until one fails. With `restarts` the broker may be restarted once in each."""

        @hypothesis.seed(seed)
        def machine() -> QueueMachine:
            if time.monotonic() > self._until:
                raise _Stop
            self.examples += 1
            run = self._new_run()
            return QueueMachine(run, lambda step: self._take(run, step), restarts=restarts)

        # It calls whatever it is given, and asks for no class.
        made: Any = machine
        try:
            run_state_machine_as_test(made, settings=_settings(examples))
        except (_Stop, Flaky):  # Flaky: the same draws did not end so early before
            if self._stopped_by is not None and self.broken is None:
                raise self._stopped_by from None
            if self._stopped_by is None and time.monotonic() <= self._until:
                raise

    def _new_run(self) -> ModelRun:
        """A run with a queue and connections that nobody has used."""
        for client in self._clients:
            client.patience = EVENTUALLY
            client.drops_its_connection()
            client.connects()
        self._runs += 1
        return ModelRun(self.bench, self._clients, f"queue {self._runs}", noting=False)

    def _take(self, run: ModelRun, step: Callable[[], None]) -> None:
        if self._stopped_by is not None:
            return  # it is the step at the end of the example
        try:
            step()
        except Exception as error:
            self._stopped_by = error
            if isinstance(error, Broken):
                self.broken = error
                self.failed.append(run.steps)
            raise _Stop from error

    def shortens(self) -> None:
        """Looks for fewer steps that fail."""
        until = time.monotonic() + SHRINKING

        def fails(steps: Steps) -> Steps | None:
            if time.monotonic() > until:
                return None
            run = self._new_run()
            for client in self._clients:
                client.patience = 2 * QUIET
            try:
                takes_again(run, steps)
            except Broken:
                self.failed.append(run.steps)
                return run.steps
            return None

        fewest(self.failed[0], fails)

    def replays(self) -> Iterator[tuple[Steps, Broken]]:
        """Takes the shortest failures once more, and returns those that fail again."""
        for steps in self.failed[: -MOST_REPLAYS - 1 : -1]:
            run = ModelRun.on(self.bench, f"queue {self._runs} once more")
            self._runs += 1
            try:
                takes_again(run, steps)
            except Broken as broken:
                yield steps, broken


def _settings(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
        print_blob=False,
    )


def differs(bench: Bench, examples: int) -> Broken | None:
    """Tries examples by the seed of the run. Returns how the queue differs from the model, and puts the fewest
    steps that show it into the details of the bench, as a test. Returns None if no example failed. Raises NotJudged
    if an example failed once and not again, or if the machine is too slow for that many examples.
    """
    search = Search(bench, max(LONGEST, MODEL_EXAMPLE * examples))
    with_restart = examples // WITH_RESTART if bench.broker.ours else 0
    search.tries(examples - with_restart, bench.setting.seed, restarts=False)
    if search.broken is None and with_restart:
        search.tries(with_restart, bench.setting.seed, restarts=True)
    if search.broken is not None:
        search.shortens()
        for steps, broken in search.replays():
            bench.details["steps"] = as_test(steps)
            return broken
        raise NotJudged(f"example {search.examples} failed once, and not again: {search.broken}")
    if search.examples < examples:
        raise NotJudged(f"only {search.examples} of {examples} examples were tried in {search.seconds:g} s")
    return None


def takes_again(run: ModelRun, steps: Steps) -> None:
    """Takes the steps that can be taken. Raises Broken if the queue differs from the model."""
    for each in steps:
        if run.can_take(each):
            getattr(run, each.name)(*each.arguments, **each.keywords)
