"""The program under test: its two commands, and how it differs from the contract."""

import dataclasses
import math
import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import ROOT
from ..errors import SetupError
from ..timeouts import EVENTUALLY
from . import command
from .command import Command
from .environment import Requirements
from .variables import for_a_program

QUICK = 0.1
"""Seconds for a dot in a program that lets us choose: well above a timer's tick, and a test stays short."""
LONGEST_DOT = 10.0
"""Seconds for a dot beyond which a run would take hours."""


@dataclass(frozen=True)
class Subject:
    """A producer and a worker, and what the suite needs to know of them."""

    name: str
    producer: Command
    worker: Command
    environment: Mapping[str, str] = field(default_factory=dict)
    install: tuple[Command, ...] = ()
    """What is run before each run of the suite, so that the commands can be run."""
    requirements: Requirements | None = None
    """Python packages that it needs, in an environment of its own."""
    queue: str = "task_queue"
    queue_type: str | None = None
    """The type of queue that it declares, whatever the suite asks for; None where it obeys."""
    fixed_address: tuple[str, int] | None = None
    """The host and port that it connects to, whatever the suite tells it; None where it obeys."""
    shared_network: bool = False
    """With a fixed address: whether it needs what else there is in this machine's network."""
    seconds_per_dot: float = QUICK
    start_seconds: float = 10.0
    """How long it may take from its start until it asks the broker for something."""
    terminal: bool = False
    standard_input: str = "empty"
    """`open` for a pipe that is held open, on which nothing comes."""
    envelope: bool = False
    """Whether it works only on what its own producer has wrapped."""
    failing_word: str = "error"
    """The word that makes a task fail; empty where none can be made to."""
    not_asked: Mapping[str, str] = field(default_factory=dict)
    """Clauses that are not judged, each with the reason."""
    known_failures: Mapping[str, str] = field(default_factory=dict)
    """Clauses it is known to break, each with the reason."""

    @property
    def end_seconds(self) -> float:
        """How long it may take to end when its start fails: where all that it imports makes a start slow, what
        prints the reason is imported too. FastStream took more than 15 s, with twelve processes to a core.
        """
        return max(EVENTUALLY, self.start_seconds)

    def dots(self, seconds: float) -> int:
        """How many dots make a task that takes at least this long."""
        return math.ceil(seconds / self.seconds_per_dot)

    def places(self, url: str) -> dict[str, str]:
        """What fills the places of its commands and variables, where the broker is at this URL."""
        ours = {"queue": self.queue, "seconds_per_dot": f"{self.seconds_per_dot:g}"}
        return {**command.places_of(url), **ours}

    @property
    def makes_a_url_of_places(self) -> bool:
        """Whether its profile puts a URL together from places, which are not percent-encoded."""
        texts = (*self.producer.parts, *self.worker.parts, *self.environment.values())
        return any(
            "://" in text and not {"user", "password", "vhost"}.isdisjoint(command.named(text))
            for text in texts
        )

    def variables(self, url: str, words: Sequence[str] = (), **around: str) -> dict[str, str]:
        """What the program finds in its environment; the words are a task's, and `around` are the run's own
        variables: they replace the user's, and the profile's replace them.
        """
        places = {**self.places(url), "text": " ".join(words)}
        contract = {"AMQP_URL": url, "TASK_SECONDS_PER_DOT": places["seconds_per_dot"]}
        ours = {name: command.filled(value, places) for name, value in self.environment.items()}
        return {**self._surroundings(), **around, **contract, **ours}

    def variables_to_install(self, **around: str) -> dict[str, str]:
        """What an install step finds in its environment: there is no broker yet. `around` as for a program."""
        ours = {
            name: value
            for name, value in self.environment.items()
            if not any(True for _ in command.named(value))
        }
        return {**self._surroundings(), **around, **ours}

    def _surroundings(self) -> dict[str, str]:
        # A program in Python shows its lines at once; others do not mind.
        around = {**for_a_program(os.environ), "PYTHONUNBUFFERED": "1"}
        if self.requirements is not None:
            folder = str(self.requirements.python.parent)
            around["PATH"] = os.pathsep.join([folder, around.get("PATH", os.defpath)])
        return around


def reference(queue_type: str) -> Subject:
    """The implementation that keeps every promise."""
    return Subject(
        name="reference",
        producer=Command((sys.executable, "-m", "reference.new_task"), ROOT),
        worker=Command((sys.executable, "-m", "reference.worker"), ROOT),
        environment={"QUEUE_TYPE": queue_type, "WORKER_GRACE_SECONDS": "5"},
    )


def from_commands(producer: str | None, worker: str | None, queue_type: str) -> Subject:
    """A subject from command lines, run where the user is; where one is missing the reference stands in."""
    given: dict[str, Any] = {}
    if producer is not None:
        given["producer"] = Command(split("--producer", producer, command.PLACES), Path.cwd())
    if worker is not None:
        given["worker"] = Command(split("--worker", worker, WITHOUT_A_TASK), Path.cwd())
    name = " and ".join(command for command in (producer, worker) if command is not None)
    return dataclasses.replace(reference(queue_type), name=name, **given)


WITHOUT_A_TASK = (*command.OF_THE_BROKER, *command.OF_THE_SUBJECT)
"""The places that can be filled where no task is given."""


def split(option: str, line: str, places: Sequence[str]) -> tuple[str, ...]:
    """A command line as its parts. Raises SetupError where it is none, or names other places than these."""
    try:
        parts = tuple(shlex.split(line))
    except ValueError as error:
        raise SetupError(f"{option} {line!r} cannot be read as a command line: {error}.") from error
    if not parts:
        raise SetupError(f"{option} is empty; give the command as you would type it.")
    for mistake in (mistake for part in parts for mistake in command.mistakes(part, places)):
        raise SetupError(f"{option} {mistake}.")
    return parts


def with_seconds_per_dot(subject: Subject, seconds: float) -> Subject:
    """The same subject, with what a dot takes in it."""
    return dataclasses.replace(subject, seconds_per_dot=seconds)


def check(subject: Subject) -> None:
    """Raises SetupError where the subject cannot be judged, whatever is installed."""
    if not 0 < subject.seconds_per_dot <= LONGEST_DOT:
        raise SetupError(
            f"A dot of {subject.seconds_per_dot:g} s cannot be judged; "
            f"give more than 0 and at most {LONGEST_DOT:g} s."
        )


def check_programs(subject: Subject) -> None:
    """Raises SetupError where a command cannot be run. What an install step makes must be there by now."""
    for mistake in missing_programs(subject):
        raise SetupError(mistake)


def missing_programs(subject: Subject) -> Iterator[str]:
    """A sentence for each command that cannot be run."""
    path = subject.variables_to_install().get("PATH")
    for role, each in (("producer", subject.producer), ("worker", subject.worker)):
        if not each.folder.is_dir():
            yield f"The {role}'s folder {each.folder} is not there."
            continue
        program = each.parts[0]
        here = each.folder / program
        found = (
            os.access(here, os.X_OK) and here.is_file()
            if "/" in program
            else shutil.which(program, path=path)
        )
        if not found:
            yield f"The {role} {program!r} is not a program that can be run from {each.folder}."
