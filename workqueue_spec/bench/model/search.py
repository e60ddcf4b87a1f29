"""The search for steps at which a queue differs from the model, and the shortest of them.

How it works. Hypothesis draws the steps of many examples, by the run's seed, and the examples share two
connections. If an example fails, Hypothesis looks for fewer steps that fail, too. Both have a bound of time. While
it looks, a step waits only for a moment for what is due. So what it finds counts only if it fails once more, with
new connections and the usual patience.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from ...judgement.verdicts import Broken, NotJudged
from ...timeouts import EVENTUALLY, QUIET
from ..bench import Bench
from .machine import QueueMachine
from .run import CLIENTS, ModelRun
from .steps import Step, as_test

STEPS = 20
"""The most steps of an example. A message is given back less often than RabbitMQ 4 allows (20 times)."""
LONGEST = 100.0
"""Seconds after which no further example is begun; with more than fifty examples, two seconds for each."""
SHRINKING = 20.0
"""Seconds for which fewer steps are looked for."""
MOST_REPLAYS = 5
"""How many of the shortest failures are tried once more."""


class _Stop(BaseException):
    """Ends Hypothesis at once: it does not catch what is no Exception."""


@dataclass
class Found:
    """Steps that failed, and how."""

    steps: Sequence[Step]
    broken: Broken


@dataclass
class Search:
    """What was tried, and what was found."""

    bench: Bench
    seconds: float
    """For how long it may go on, without the time for fewer steps."""
    examples: int = 0
    """How many examples were begun."""
    steps: int = 0
    """How many steps were taken."""
    found: list[Found] = field(default_factory=list)
    """What failed, in the order in which it was found."""

    def __post_init__(self) -> None:
        self._clients = [self.bench.connect_plainly() for _ in CLIENTS]
        self._until = time.monotonic() + self.seconds
        self._error: Exception | None = None
        self._broken: ModelRun | None = None
        """The run that failed last, until the clients have connected again."""

    def tries(self, examples: int, seed: int) -> None:
        """Tries this many examples."""

        @hypothesis.seed(seed)
        def machine() -> QueueMachine:
            return self._next()

        # It calls whatever it is given, and asks for no class.
        made: Any = machine

        try:
            run_state_machine_as_test(made, settings=_settings(examples))
        except (_Stop, Broken, Flaky):
            if self._error is not None:
                raise self._error from None
            if not self.found and time.monotonic() <= self._until:
                raise

    def _next(self) -> QueueMachine:
        if time.monotonic() > self._until:
            raise _Stop
        self.examples += 1
        for client in self._clients:
            client.patience = 2 * QUIET if self.found else EVENTUALLY
        if self._broken is not None:
            self._connect_again()
        run = ModelRun(self.bench, self._clients, f"queue {self.examples}", noting=False)
        return QueueMachine(run, lambda step: self._take(run, step), restarts=self.bench.broker.ours)

    def _take(self, run: ModelRun, step: Callable[[], None]) -> None:
        if self._broken is run:
            return
        try:
            step()
        except Broken as broken:
            if not self.found:
                self._until = time.monotonic() + SHRINKING
            self.found.append(Found(list(run.steps), broken))
            self._broken = run
            raise
        except Exception as error:
            self._error = error
            raise _Stop from error
        self.steps += 1

    def _connect_again(self) -> None:
        """After a failure nobody knows what is open on the connections."""
        self._broken = None
        for client in self._clients:
            client.drops_its_connection()
            client.connects()


def _settings(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        print_blob=False,
    )


def differs(bench: Bench, examples: int) -> Broken | None:
    """Tries examples by the seed of the run. Returns how the queue differs from the model, and puts the fewest
    steps that show it into the details of the bench, as a test. Returns None if no example failed, or if none of
    those that failed does so again. Raises NotJudged if the machine is too slow for that many examples.
    """
    search = Search(bench, max(LONGEST, 2 * examples))
    search.tries(examples, bench.setting.seed)
    shortest = sorted(search.found, key=lambda each: len(each.steps))
    for number, each in enumerate(shortest[:MOST_REPLAYS]):
        again = ModelRun.on(bench, f"queue once more {number}")
        try:
            takes_again(again, each.steps)
        except Broken as broken:
            bench.details["steps"] = as_test(each.steps)
            return broken
    if not search.found and search.examples < examples:
        raise NotJudged(f"only {search.examples} of {examples} examples were tried in {search.seconds:g} s")
    return None


def takes_again(run: ModelRun, steps: Sequence[Step]) -> None:
    """Takes the steps. Raises Broken if the queue differs from the model."""
    for each in steps:
        getattr(run, each.name)(*each.arguments, **each.keywords)
