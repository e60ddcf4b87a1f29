"""What a single start costs: of a broker's node, of RabbitMQ within its node, of a worker, of a producer.

A cost has seconds of the processor, which the cores share, and seconds of waiting, which cost nothing but time.
"""

import contextlib
import resource
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil

from workqueue_spec.broker import Broker, open_broker
from workqueue_spec.broker.control import Control
from workqueue_spec.broker.run import Run
from workqueue_spec.errors import SetupError
from workqueue_spec.programs import subject

from .processes import cpu_seconds, stopwatch
from .rows import Spread

LONGEST_START = 60.0
POLL = 0.005


@dataclass(frozen=True)
class Cost:
    """Seconds of the processor, and seconds of waiting."""

    cpu: float
    wait: float

    @property
    def seconds(self) -> float:
        """From the beginning to the end, if there is a core for it."""
        return self.cpu + self.wait


@dataclass(frozen=True)
class Costs:
    """The cost of one of each."""

    node: Cost
    """A node that is opened, or started again with its data."""
    stop: Cost
    application: Cost
    worker: Cost
    """From its start until it consumes."""
    producer: Cost
    """From its start to its end."""


def measure(run: Run, rounds: int) -> Costs:
    """The median of each cost, of that many rounds."""
    found: dict[str, list[Cost]] = {"node": [], "stop": [], "application": [], "worker": [], "producer": []}
    for _ in range(rounds):
        opened: list[Broker] = []
        found["node"].append(_cost(lambda opened=opened: opened.append(open_broker("local", run))))  # type: ignore[misc]
        with contextlib.closing(opened[0]) as broker:
            found["worker"].append(_start_of_worker(broker, run))
            found["producer"].append(_producer(broker, run))
            found["application"].append(_cost(lambda: _restart_application(broker)))
            found["stop"].append(_cost(broker.stop))
            found["node"].append(_cost(broker.start))
    return Costs(**{name: _median(each) for name, each in found.items()})


def _median(costs: list[Cost]) -> Cost:
    return Cost(
        Spread.of([each.cpu for each in costs]).median, Spread.of([each.wait for each in costs]).median
    )


def _cost(action: Callable[[], object]) -> Cost:
    """What an action costs in child processes."""
    cpu, began = _cpu_of_children(), stopwatch()
    action()
    took, used = stopwatch() - began, _cpu_of_children() - cpu
    return Cost(used, max(0.0, took - used))


def _cpu_of_children() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    running = 0.0
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            running += cpu_seconds(child)
    return ended.ru_utime + ended.ru_stime + running


def _restart_application(broker: Broker) -> None:
    broker.stop_application()
    broker.start_application()


def _start_of_worker(broker: Broker, run: Run) -> Cost:
    control = Control(broker.address, "/")
    queue = subject.reference("classic").queue
    with contextlib.closing(control), contextlib.ExitStack() as stack:
        control.counts(queue)  # connects

        def start() -> None:
            stack.enter_context(reference(broker, run))
            deadline = time.monotonic() + LONGEST_START
            while (counts := control.counts(queue)) is None or not counts.consumers:
                if time.monotonic() > deadline:
                    raise SetupError(f"The reference worker did not consume within {LONGEST_START:.0f} s.")
                time.sleep(POLL)

        return _cost(start)


def _producer(broker: Broker, run: Run) -> Cost:
    chosen = subject.reference("classic")
    command = chosen.producer.filled({}, ["a", "task"])

    def produce() -> None:
        with _process(command, chosen, broker, run) as process:
            if process.wait(LONGEST_START):
                raise SetupError(f"The reference producer failed with status {process.returncode}.")

    return _cost(produce)


@contextlib.contextmanager
def reference(broker: Broker, run: Run) -> Iterator["subprocess.Popen[bytes]"]:
    """The reference worker on the broker."""
    chosen = subject.reference("classic")
    with _process(chosen.worker.filled({}), chosen, broker, run) as process:
        yield process


@contextlib.contextmanager
def _process(
    command: list[str], chosen: subject.Subject, broker: Broker, run: Run
) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=chosen.worker.folder,
        env={**chosen.variables(broker.address.url("/")), **run.environment("benchmarks")},
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()
