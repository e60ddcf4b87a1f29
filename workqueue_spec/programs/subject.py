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

from .. import ROOT, importable
from ..broker.definitions import Definitions
from ..errors import SetupError
from ..judgement.verdicts import NotJudged
from ..specification.clauses import Clause, Role
from ..timeouts import EVENTUALLY
from . import command, container
from .command import Command
from .environment import Requirements
from .message import TaskMessage
from .service import Service
from .variables import for_a_program

QUICK = 0.1
"""Seconds per dot if the program lets us choose: well above a timer's tick, and short enough for quick tests."""
LONGEST_DOT = 10.0
"""The most seconds that a dot may take; with longer ones a run would take hours."""
PROGRAMS = (Role.PRODUCER, Role.WORKER)
"""The roles of programs."""
MOST_AT_ONCE = 1000
"""The highest prefetch and concurrency: a test sends more tasks than the worker may hold."""
LONGEST_ARGUMENT = 128 * 1024 - 1
"""Bytes of the longest argument that Linux takes."""


@dataclass(frozen=True)
class Subject:
    """A producer and a worker, or one of them alone, and what the suite needs to know of them."""

    name: str
    producer: Command
    worker: Command
    roles: tuple[Role, ...] = PROGRAMS
    """The roles that are judged. In a role that is not among them, the command is the reference's, and no clause
    needs it: what it would send or take, the suite does."""
    service: Service | None = None
    """The service that publishes, if its producer is a command that asks a service for one task."""
    image: str | None = None
    """The image in containers of which its commands run; None if they run on this machine. The command that asks a
    service for a task always runs on this machine."""
    environment: Mapping[str, str] = field(default_factory=dict)
    install: tuple[Command, ...] = ()
    """Commands that are run before each run of the suite, such as a build."""
    requirements: Requirements | None = None
    """The Python packages that it needs, in an environment of their own."""
    queue: str = "task_queue"
    other_queues: tuple[str, ...] = ()
    """The other queues from which its worker consumes tasks."""
    queue_type: str | None = None
    """The type of queue that it always declares; None if it declares the type that the suite asks for."""
    exchange: str = ""
    """The exchange to which its producer publishes; empty for the default exchange."""
    routing_key: str = ""
    """The routing key with which its producer publishes to `exchange`."""
    definitions: Definitions | None = None
    """The queues, exchanges, bindings and policies that somebody else makes before the programs come."""
    fixed_address: tuple[str, int] | None = None
    """The host and port that it always connects to; None if it connects where the suite tells it to."""
    shared_network: bool = False
    """With a fixed address: whether it needs other services in this machine's network."""
    seconds_per_dot: float = QUICK
    start_seconds: float = 10.0
    """Seconds that it may take from its start until its first request to the broker."""
    terminal: bool = False
    """Whether it gets a pseudo-terminal for its input and output."""
    standard_input: str = "empty"
    """`empty`, or `open` for a pipe that stays open and to which nothing is written."""
    envelope: bool = False
    """Whether its worker accepts only messages as its own producer wraps them."""
    message: TaskMessage | None = None
    """What carries a task to its worker; None if a task is its plain text, or wrapped by its own producer."""
    failing_message: TaskMessage | None = None
    """What carries a task that fails, if it is not the text that makes a task fail."""
    prefetch: int = 1
    """The most tasks that its worker holds at once."""
    concurrency: int = 1
    """The most tasks that its worker works on at once."""
    failing_word: str = "error"
    """The word in its text that makes a task fail; empty if no text makes a task fail."""
    not_asked: Mapping[str, str] = field(default_factory=dict)
    """The clauses that are not judged, each with the reason."""
    known_failures: Mapping[str, str] = field(default_factory=dict)
    """The clauses that it is known to break, each with the reason."""

    @property
    def end_seconds(self) -> float:
        """Seconds that it may take to end if its start fails. If imports make its start slow, they make such an end
        slow, too, since what prints the reason is imported. FastStream took more than 15 s with twelve processes
        per core.
        """
        return max(EVENTUALLY, self.start_seconds)

    @property
    def fetches_ahead(self) -> bool:
        """Whether its worker may hold tasks that it does not work on yet."""
        return self.prefetch > self.concurrency

    @property
    def handful(self) -> int:
        """How many tasks fill its worker: it works on as many as it may, and holds as many again, if it may."""
        return min(self.prefetch, 2 * self.concurrency)

    @property
    def queues(self) -> tuple[str, ...]:
        """All queues from which its worker consumes tasks."""
        return (self.queue, *self.other_queues)

    def on_queue(self, queue: str) -> "Subject":
        """The same subject, whose tasks come on this one of its queues. If it is not the first, the tasks go there
        by the queue's name.
        """
        if queue == self.queue:
            return self
        others = tuple(each for each in self.queues if each != queue)
        return dataclasses.replace(self, queue=queue, other_queues=others, exchange="", routing_key="")

    @property
    def route(self) -> tuple[str, str]:
        """The exchange to which its producer publishes, and the routing key."""
        return (self.exchange, self.routing_key) if self.exchange else ("", self.queue)

    @property
    def has_failing_tasks(self) -> bool:
        """Whether a task can be made to fail."""
        return bool(self.failing_word) or self.failing_message is not None

    def dots(self, seconds: float) -> int:
        """The number of dots of a task that takes at least this many seconds.

        Raises NotJudged if the length of a task cannot be chosen.
        """
        if not self.seconds_per_dot:
            raise NotJudged("it takes tasks of a chosen length, and in this program a dot takes no time")
        return math.ceil(seconds / self.seconds_per_dot)

    def is_asked(self, role: Role, *, for_services: bool = False, for_both: bool = False) -> bool:
        """Whether the clauses of this role are judged: a clause of the whole system needs the worker, one that is
        `for_services` needs a service, and one that is `for_both` needs both programs. What the broker promises is
        always asked.
        """
        if (for_services and self.service is None) or (for_both and self.absent is not None):
            return False
        if role is Role.SYSTEM:
            return Role.WORKER in self.roles
        return role not in PROGRAMS or role in self.roles

    def judges(self, clause: Clause) -> bool:
        """Whether the clause is about a program that is here."""
        return self.is_asked(clause.role, for_services=clause.for_services, for_both=clause.for_both)

    @property
    def programs(self) -> list[tuple[str, Command]]:
        """The roles that are judged, each with its command; and the service, if there is one."""
        commands = {Role.PRODUCER: self.producer, Role.WORKER: self.worker}
        of_service = [] if self.service is None else [("service", self.service.command)]
        return [*of_service, *((str(role), commands[role]) for role in self.roles)]

    @property
    def absent(self) -> Role | None:
        """The role that is not judged; None if both are."""
        return next((role for role in PROGRAMS if role not in self.roles), None)

    def fitting(self, words: Sequence[str]) -> list[str]:
        """The words of a task, or the first half of them (again and again) if its producer's command line would be
        given more than an argument can hold, or a service more than it accepts.
        """
        most = None if self.service is None else self.service.longest_text

        def fits(some: Sequence[str]) -> bool:
            line = self.producer.filled({}, some, append=self.service is None)
            return all(len(each.encode()) <= LONGEST_ARGUMENT for each in line) and (
                most is None or len(" ".join(some).encode()) <= most
            )

        fitting = list(words)
        while not fits(fitting):
            fitting = fitting[: len(fitting) // 2] if fitting[1:] else [fitting[0][: len(fitting[0]) // 2]]
        return fitting

    def placeholders(self, url: str, service_port: int | None = None) -> dict[str, str]:
        """The values of the placeholders in its commands and variables, for a broker at this URL."""
        ours = {"queue": self.queue, "seconds_per_dot": f"{self.seconds_per_dot:g}"}
        of_service = {} if service_port is None else {"service_port": str(service_port)}
        return {**command.values_of(url), **ours, **of_service}

    @property
    def makes_a_url_of_placeholders(self) -> bool:
        """Whether its profile makes a URL of placeholders, whose values are not percent-encoded."""
        texts = (*(part for _, each in self.programs for part in each.parts), *self.environment.values())
        return any(
            "://" in text and not {"user", "password", "vhost"}.isdisjoint(command.named(text))
            for text in texts
        )

    def variables(
        self,
        url: str,
        words: Sequence[str] = (),
        service_port: int | None = None,
        *,
        in_image: bool = False,
        **around: str,
    ) -> dict[str, str]:
        """The program's environment variables. `words` are the words of a task. A container of an image gets none
        of the user's.

        `around` are the run's own variables: they replace the user's variables. The contract's variables replace
        those, and the profile's variables replace all.
        """
        values = {**self.placeholders(url, service_port), **command.values_of_task(" ".join(words))}
        contract = {"AMQP_URL": url, "TASK_SECONDS_PER_DOT": values["seconds_per_dot"]}
        own = {name: command.filled(value, values) for name, value in self.environment.items()}
        surroundings = _UNBUFFERED if in_image else self._surroundings()
        return {**surroundings, **around, **contract, **own}

    def variables_to_install(self, **around: str) -> dict[str, str]:
        """The environment variables of an install step: no variable with a placeholder, as there is no broker yet.

        `around` are the run's own variables, as for `variables`.
        """
        own = {
            name: value
            for name, value in self.environment.items()
            if not any(True for _ in command.named(value))
        }
        return {**self._surroundings(), **around, **own}

    def _surroundings(self) -> dict[str, str]:
        around = {**for_a_program(os.environ), **_UNBUFFERED}
        if self.requirements is not None:
            folder = str(self.requirements.python.parent)
            around["PATH"] = os.pathsep.join([folder, around.get("PATH", os.defpath)])
        return around


_UNBUFFERED = {"PYTHONUNBUFFERED": "1"}
"""With this variable a program in Python writes each line at once; other programs ignore it."""


def reference(queue_type: str) -> Subject:
    """The reference implementation, which keeps every promise."""
    return Subject(
        name="reference",
        producer=Command((sys.executable, "-m", importable("reference.new_task")), ROOT),
        worker=Command((sys.executable, "-m", importable("reference.worker")), ROOT),
        environment={"QUEUE_TYPE": queue_type, "WORKER_GRACE_SECONDS": "5"},
    )


def from_commands(
    producer: str | None, worker: str | None, queue_type: str, service: str | None = None
) -> Subject:
    """A subject from command lines, run in the current folder. If one command is None, the other is judged alone.

    Raises SetupError as `with_commands`.
    """
    name = " and ".join(command for command in (service or producer, worker) if command is not None)
    nobody = dataclasses.replace(reference(queue_type), name=name, roles=())
    return with_commands(nobody, producer, worker, service)


def with_commands(
    subject: Subject, producer: str | None, worker: str | None, service: str | None = None
) -> Subject:
    """The same subject with these command lines, run in the current folder, in place of its own; None leaves its
    own. A role that it has a command for is judged.

    Raises SetupError if a command line cannot be read, or if there is a service and no producer.
    """
    given: dict[str, Any] = {}
    asks_a_service = service is not None or subject.service is not None
    of_service = command.OF_THE_SERVICE if asks_a_service else ()
    if service is not None:
        if producer is None and subject.service is None:
            raise SetupError(NO_STIMULUS.format("--service", "--producer CMD"))
        parts = split("--service", service, (*WITHOUT_A_TASK, *of_service))
        given["service"] = dataclasses.replace(
            subject.service or Service(Command((), Path.cwd())), command=Command(parts, Path.cwd())
        )
    if producer is not None:
        parts = split("--producer", producer, (*command.PLACEHOLDERS, *of_service))
        given["producer"] = Command(parts, Path.cwd())
    if worker is not None:
        given["worker"] = Command(split("--worker", worker, WITHOUT_A_TASK), Path.cwd())
    roles = tuple(role for role in PROGRAMS if role in given or role in subject.roles)
    return dataclasses.replace(subject, roles=roles, **given)


NO_STIMULUS = (
    "{} is a service, which publishes when it is asked to: give the command that asks it for one task, too, "
    "as {}."
)
WITHOUT_A_TASK = (*command.OF_THE_BROKER, *command.OF_THE_SUBJECT)
"""The placeholders that a command which gets no task may hold."""


def split(option: str, line: str, placeholders: Sequence[str]) -> tuple[str, ...]:
    """The parts of a command line that was given for `option`.

    Raises SetupError if it cannot be read as one, or holds other placeholders than these.
    """
    try:
        parts = tuple(shlex.split(line))
    except ValueError as error:
        raise SetupError(f"{option} {line!r} cannot be read as a command line: {error}.") from error
    if not parts:
        raise SetupError(f"{option} is empty; give the command as you would type it.")
    for mistake in command.mistakes_of(parts, placeholders):
        raise SetupError(f"{option} {mistake}.")
    return parts


def with_seconds_per_dot(subject: Subject, seconds: float) -> Subject:
    """The same subject with this number of seconds per dot."""
    return dataclasses.replace(subject, seconds_per_dot=seconds)


def with_limits(subject: Subject, prefetch: int | None, concurrency: int | None) -> Subject:
    """The same subject with this prefetch and concurrency; None leaves what the subject says."""
    return dataclasses.replace(
        subject,
        prefetch=subject.prefetch if prefetch is None else prefetch,
        concurrency=subject.concurrency if concurrency is None else concurrency,
    )


def with_known_failures(subject: Subject, more: Mapping[str, str]) -> Subject:
    """The same subject with more known failures. If it has a reason for one of them already, it keeps its reason.

    Raises SetupError if one of them is not judged at all.
    """
    if both := sorted(more.keys() & subject.not_asked.keys()):
        raise SetupError(
            f"--known-failures names {', '.join(both)}, which is not judged since the profile's not_asked names "
            "it, too; remove it from one of them."
        )
    return dataclasses.replace(subject, known_failures={**more, **subject.known_failures})


def check(subject: Subject) -> None:
    """Raises SetupError if the subject cannot be judged, whatever is installed."""
    if not 0 <= subject.seconds_per_dot <= LONGEST_DOT:
        raise SetupError(
            f"A dot of {subject.seconds_per_dot:g} s cannot be judged; give at most {LONGEST_DOT:g} s, or 0 if the "
            "length of a task cannot be chosen."
        )
    for name, value in (("prefetch", subject.prefetch), ("concurrency", subject.concurrency)):
        if not 1 <= value <= MOST_AT_ONCE:
            raise SetupError(
                f"A {name} of {value} cannot be judged; give at least 1 and at most {MOST_AT_ONCE}."
            )
    if subject.concurrency > subject.prefetch:
        raise SetupError(
            f"A concurrency of {subject.concurrency} is more than the prefetch of {subject.prefetch}: a worker "
            "cannot work on more tasks than it holds; give the prefetch, too."
        )


def check_programs(subject: Subject) -> None:
    """Raises SetupError if a command cannot be run, or the image is not there. The install steps must be done
    before.
    """
    if subject.image is not None:
        container.provide(subject.image)
    for mistake in missing_programs(subject):
        raise SetupError(mistake)


def missing_programs(subject: Subject) -> Iterator[str]:
    """A sentence for each command that cannot be run on this machine. What is in an image is not looked at."""
    path = subject.variables_to_install().get("PATH")
    for role, each in subject.programs:
        if subject.image is not None and not (role == "producer" and subject.service is not None):
            continue
        if not each.folder.is_dir():
            yield f"The {role}'s folder {each.folder} does not exist."
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
