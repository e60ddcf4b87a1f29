"""The program under test: its two commands, and how it differs from the contract."""

import dataclasses
import math
import os
import shlex
import shutil
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .entry.variables import for_a_program
from .errors import SetupError

ROOT = Path(__file__).resolve().parent.parent
"""The checkout, where `reference/` lies."""
QUICK = 0.1
"""Seconds for a dot in a program that lets us choose: well above a timer's tick, and a test stays short."""
LONGEST_DOT = 10.0
"""Seconds for a dot beyond which a run would take hours."""


@dataclass(frozen=True)
class Command:
    """A command line, and the folder it is run in."""

    parts: tuple[str, ...]
    folder: Path

    def filled(self, places: Mapping[str, str], words: Sequence[str] = ()) -> list[str]:
        """The command with its places filled; the words stand for `{task}`, or else at its end."""
        parts = self.parts if "{task}" in self.parts else (*self.parts, "{task}")
        line: list[str] = []
        for part in parts:
            line += words if part == "{task}" else [_filled(part, places)]
        return line


@dataclass(frozen=True)
class Subject:
    """A producer and a worker, and what the suite needs to know of them."""

    name: str
    producer: Command
    worker: Command
    environment: Mapping[str, str] = field(default_factory=dict)
    queue: str = "task_queue"
    seconds_per_dot: float = QUICK
    start_seconds: float = 10.0
    """How long it may take from its start until it asks the broker for something."""
    terminal: bool = False
    known_failures: Mapping[str, str] = field(default_factory=dict)
    """Clauses it is known to break, each with the reason."""

    def dots(self, seconds: float) -> int:
        """How many dots make a task that takes at least this long."""
        return math.ceil(seconds / self.seconds_per_dot)

    def variables(self, url: str) -> dict[str, str]:
        """What the program finds in its environment."""
        # A program in Python shows its lines at once; others do not mind.
        contract = {
            "AMQP_URL": url,
            "TASK_SECONDS_PER_DOT": f"{self.seconds_per_dot:g}",
            "PYTHONUNBUFFERED": "1",
        }
        ours = {name: _filled(value, {"url": url}) for name, value in self.environment.items()}
        return {**for_a_program(os.environ), **contract, **ours}


def _filled(text: str, places: Mapping[str, str]) -> str:
    for name, value in places.items():
        text = text.replace("{" + name + "}", value)
    return text


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
        given["producer"] = Command(_split("--producer", producer), Path.cwd())
    if worker is not None:
        given["worker"] = Command(_split("--worker", worker), Path.cwd())
    name = " and ".join(command for command in (producer, worker) if command is not None)
    return dataclasses.replace(reference(queue_type), name=name, **given)


def _split(option: str, command: str) -> tuple[str, ...]:
    try:
        parts = tuple(shlex.split(command))
    except ValueError as error:
        raise SetupError(f"{option} {command!r} cannot be read as a command line: {error}.") from error
    if not parts:
        raise SetupError(f"{option} is empty; give the command as you would type it.")
    return parts


_KEYS: dict[str, type | tuple[type, ...]] = {
    "name": str,
    "producer": list,
    "worker": list,
    "folder": str,
    "environment": dict,
    "queue": str,
    "seconds_per_dot": (int, float),
    "start_seconds": (int, float),
    "terminal": bool,
    "known_failures": dict,
}


def from_profile(file: Path, queue_type: str) -> Subject:
    """A subject from a profile; paths in it start from its own folder.

    Raises SetupError, in one sentence, for whatever is wrong with it.
    """
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SetupError(f"Cannot read the profile {file}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SetupError(f"The profile {file} is not TOML: {error}.") from error
    for key, value in data.items():
        if key not in _KEYS:
            raise SetupError(
                f"The profile {file} has an unknown key {key!r}; known are {', '.join(sorted(_KEYS))}."
            )
        if not isinstance(value, _KEYS[key]) or (isinstance(value, bool) and _KEYS[key] is not bool):
            raise SetupError(f"The profile {file}: {key!r} has the wrong type ({type(value).__name__}).")
    folder = (file.parent / data.pop("folder", ".")).resolve()
    for role in ("producer", "worker"):
        if role not in data:
            raise SetupError(f'The profile {file} names no {role}; add {role} = ["..."].')
        data[role] = Command(_parts(file, role, data[role]), folder)
    for table in ("environment", "known_failures"):
        for name, text in data.get(table, {}).items():
            if not isinstance(text, str):
                raise SetupError(f"The profile {file}: {table}.{name} is not a text.")
    subject = reference(queue_type)
    data["environment"] = {**subject.environment, **data.get("environment", {})}
    return dataclasses.replace(subject, **{"name": file.resolve().parent.name, **data})


def _parts(file: Path, role: str, parts: list[Any]) -> tuple[str, ...]:
    if not parts or not all(isinstance(part, str) for part in parts):
        raise SetupError(
            f'The profile {file}: {role} is to be a list of texts, such as ["node", "{role}.js"].'
        )
    # The suite's own interpreter, which has pika, stands for a bare "python".
    return (sys.executable, *parts[1:]) if parts[0] == "python" else tuple(parts)


def with_seconds_per_dot(subject: Subject, seconds: float) -> Subject:
    """The same subject, with what a dot takes in it."""
    return dataclasses.replace(subject, seconds_per_dot=seconds)


def check(subject: Subject) -> None:
    """Raises SetupError where the subject cannot be run, before anything is started."""
    if not 0 < subject.seconds_per_dot <= LONGEST_DOT:
        raise SetupError(
            f"A dot of {subject.seconds_per_dot:g} s cannot be judged; "
            f"give more than 0 and at most {LONGEST_DOT:g} s."
        )
    for role, command in (("producer", subject.producer), ("worker", subject.worker)):
        if not command.folder.is_dir():
            raise SetupError(f"The {role}'s folder {command.folder} is not there.")
        program = command.parts[0]
        here = command.folder / program
        found = os.access(here, os.X_OK) and here.is_file() if "/" in program else shutil.which(program)
        if not found:
            raise SetupError(
                f"The {role} {program!r} is not a program that can be run from {command.folder}."
            )
