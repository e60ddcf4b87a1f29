"""The reference worker with prefetch 1 and tasks without work, beside workers on other libraries.

A queue is filled, then a worker is started, and the queue's count is watched from outside until it is empty. Its
start is not measured. Each round measures each worker once, in an order that moves on by one.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from workqueue_spec import ROOT
from workqueue_spec.broker import Broker
from workqueue_spec.broker.control import Control
from workqueue_spec.broker.run import Run
from workqueue_spec.commands.implementations import versions
from workqueue_spec.errors import SetupError
from workqueue_spec.programs import profile, subject
from workqueue_spec.programs.command import Command
from workqueue_spec.programs.install import install
from workqueue_spec.programs.subject import Subject

from .brokers import local_node
from .processes import stopwatch
from .rows import Given, Row, at_least, ratios

MESSAGES = 3_000
WARM_UP = 300
"""Messages that are taken before the measurement begins."""
POLL = 0.05
TRIES = 3
"""How often a worker is measured again if its queue was empty before it was looked at twice."""
LONGEST = 120.0
"""Seconds for a worker to start and to empty the queue."""
RAW = "raw pika callback"
REFERENCE = "reference"
OF_RAW, AHEAD = at_least(0.8), at_least(1.0)


@dataclass(frozen=True)
class Contestant:
    """A worker that is measured."""

    name: str
    subject: Subject
    keeps_heartbeats: bool
    """Whether its connection lives on during a task that takes longer than two heartbeats."""


def measure(given: Given) -> Iterator[Row]:
    """Each worker's speed beside the raw callback, and the reference's beside each that keeps its heartbeats."""
    missing = []
    with local_node(given.run) as broker, contextlib.ExitStack() as stack:
        places = {}
        for name, keeps, make in CONTESTANTS:
            try:
                chosen = make()
                install(chosen, given.run)
                places[name] = Place(Contestant(name, chosen, keeps), broker, given.run, stack)
            except SetupError as error:
                missing.append(Row(f"{name}: speed", RAW, why_not=str(error).splitlines()[0]))
        rates: dict[str, list[float]] = {name: [] for name in places}
        names = list(places)
        for number in range(given.rounds):
            start = number % len(names)
            for name in [*names[start:], *names[:start]]:
                rates[name].append(places[name].rate())
    contestants = [place.contestant for place in places.values()]
    yield Row(f"{RAW}: messages a second", "", tuple(rates[RAW]), "/s", note=_about(contestants[0]))
    for each in contestants[1:]:
        goal = OF_RAW if each.name == REFERENCE else None
        yield Row(
            f"{each.name}: speed", RAW, ratios(rates[each.name], rates[RAW]), goal=goal, note=_about(each)
        )
    for each in contestants:
        if each.keeps_heartbeats and each.name != REFERENCE:
            values = ratios(rates[REFERENCE], rates[each.name])
            yield Row(f"{REFERENCE}: speed", each.name, values, goal=AHEAD)
    yield from missing


def _about(contestant: Contestant) -> str:
    folder = contestant.subject.worker.folder
    parts = [] if contestant.subject.requirements is None else [versions(folder)]
    parts += [] if contestant.keeps_heartbeats else ["starves its heartbeats during a task"]
    return ", ".join(parts)


def _raw() -> Subject:
    command = Command((sys.executable, "-m", "benchmarks.raw_worker"), ROOT)
    return replace(subject.reference("classic"), name=RAW, worker=command)


def _implementation(name: str) -> Subject:
    return profile.read(ROOT / "implementations" / name / "profile.toml", "classic")


def _tutorial() -> Subject:
    """The tutorial's programs, run by the Python of this environment, which has pika."""
    found = _implementation("tutorial")
    worker, producer = (
        replace(command, parts=(sys.executable, *command.parts[1:]))
        for command in (found.worker, found.producer)
    )
    return replace(found, worker=worker, producer=producer)


def _celery() -> Subject:
    """Celery as it is set up for at-least-once, with one thread in place of its processes, and without its log."""
    found = _implementation("celery-at-least-once")
    app = ("celery", "--app", "tasks", "worker", "--hostname", "benchmark@%h", "--loglevel", "ERROR")
    return replace(
        found, worker=Command((*app, "--pool", "threads", "--concurrency", "1"), found.worker.folder)
    )


CONTESTANTS = (
    (RAW, False, _raw),
    ("the tutorial's worker (prints)", False, _tutorial),
    (REFERENCE, True, lambda: subject.reference("classic")),
    ("aio-pika", True, lambda: _implementation("aio-pika")),
    ("Dramatiq", True, lambda: _implementation("dramatiq")),
    ("Celery (threads, one)", True, _celery),
)
"""Each worker's name, whether it keeps its heartbeats during a task, and how it is described. The first is raw."""


class Place:
    """A worker's virtual host, with the queue as its own producer declares it, and a message of that producer."""

    def __init__(self, contestant: Contestant, broker: Broker, run: Run, stack: contextlib.ExitStack) -> None:
        name = contestant.name.replace("/", " ")
        broker.create_virtual_hosts([name])
        self.contestant, self._run = contestant, run
        self._url = broker.address.url(name)
        control = Control(broker.address, name)
        stack.callback(control.close)
        self._channel = stack.enter_context(control.channel())
        chosen = contestant.subject
        command = chosen.producer.filled(chosen.placeholders(self._url), ["a", "task"])
        with self._process(command) as process:
            process.wait(LONGEST)
        got, self._properties, self._body = self._channel.basic_get(chosen.queue, auto_ack=True)
        if got is None:
            raise SetupError(f"The producer of {contestant.name} sent no message.")

    def rate(self) -> float:
        """The messages a second that the worker takes from a full queue."""
        for _ in range(TRIES):
            found = self._rate()
            if found is not None:
                return found
        raise SetupError(f"The queue of {self.contestant.name} was empty too soon to be measured.")

    def _rate(self) -> float | None:
        chosen = self.contestant.subject
        self._channel.queue_purge(chosen.queue)
        for _ in range(MESSAGES + WARM_UP):
            self._channel.basic_publish("", chosen.queue, self._body, self._properties)
        with self._process(chosen.worker.filled(chosen.placeholders(self._url))):
            return speed(self._samples())

    def _samples(self) -> Iterator[tuple[float, int]]:
        """When the queue was looked at, and how many messages were ready, until none is."""
        deadline = stopwatch() + LONGEST
        ready = 1
        while ready:
            time.sleep(POLL)
            ready = self._channel.queue_declare(
                self.contestant.subject.queue, passive=True
            ).method.message_count
            now = stopwatch()
            if now > deadline:
                raise SetupError(f"{self.contestant.name} did not empty its queue within {LONGEST:.0f} s.")
            yield now, ready

    @contextlib.contextmanager
    def _process(self, command: Sequence[str]) -> Iterator["subprocess.Popen[bytes]"]:
        """One of the programs. Its whole process group is killed when the block is left."""
        chosen = self.contestant.subject
        variables = chosen.variables(self._url, ["a", "task"], TMPDIR=str(self._run.temporary))
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=chosen.worker.folder,
            env={**variables, **self._run.environment("benchmarks")},
            start_new_session=True,
        ) as process:
            try:
                yield process
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


def speed(samples: Iterable[tuple[float, int]]) -> float | None:
    """Messages a second, between the first look at a warm worker and the last one before the queue was empty.

    None if there are no two such looks: the queue was empty too soon.
    """
    seen = [(at, ready) for at, ready in samples if 0 < ready <= MESSAGES]
    if len(seen) < 2 or seen[0][1] == seen[-1][1]:
        return None
    (began, first), (ended, last) = seen[0], seen[-1]
    return (first - last) / (ended - began)
