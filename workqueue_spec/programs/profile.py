"""A profile: a TOML file that says how a program differs from the contract.

All mistakes in a profile are reported at once, one sentence for each.
"""

import ipaddress
import math
import re
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..broker import definitions
from ..errors import SetupError
from ..judgement import tasks
from ..specification.chapters import all_clauses
from ..specification.clauses import is_own
from . import command, subject
from .command import Command
from .environment import Requirements
from .message import TaskMessage
from .reading import text_of
from .service import SHORTEST_LIMIT, Service
from .subject import LONGEST_DOT, MOST_AT_ONCE, PROGRAMS, Subject

LONGEST_START = 300.0
"""The most seconds that a profile may give a program for its start: a run starts programs many times."""
_QUEUE_TYPES = ("classic", "quorum")
_INPUTS = ("empty", "open")
_HTTP = re.compile(r"http://(localhost|127\.0\.0\.1|\[::1\])(:(\{service_port\}|[0-9]{1,5}))?(/\S*)?")


def read(file: Path, queue_type: str | None) -> Subject:
    """The subject that a profile describes. Paths in the profile are relative to the profile's folder.

    `queue_type` is the type that the run asks for; None if the run leaves it to the program. Raises SetupError with
    a sentence for each mistake.
    """
    profile = Profile(file)
    if profile.mistakes:
        raise SetupError("\n".join(profile.mistakes))
    return profile.subject(queue_type)


def read_known_failures(file: Path) -> dict[str, str]:
    """The clauses that a file of known failures names, each with its reason. The file holds the same table as a
    profile, `[known_failures]`, and nothing else.

    Raises SetupError with one sentence for the first mistake.
    """
    what = f"file of known failures {file}"
    data = _loaded(file, what)
    if strange := sorted(data.keys() - {"known_failures"}):
        raise SetupError(
            f"The {what}: there is no key {strange[0]!r}; it holds the table [known_failures] alone."
        )
    try:
        return _reasons(data.get("known_failures", {}))
    except _Mistake as mistake:
        raise SetupError(f"The {what}: known_failures {mistake}.") from None


class Profile:
    """A profile as it was read, and its mistakes."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.mistakes: list[str] = []
        """A sentence for each mistake. If there is none, `subject` may be called."""
        self._values: dict[str, Any] = {}
        self._folder = file.parent.resolve()
        self._requirements: Requirements | None = None
        self._in_image = False
        """Whether the commands run in containers."""
        self._of_service: tuple[str, ...] = ()
        """The placeholders that only a program with a service may hold."""
        self._read()

    def subject(self, queue_type: str | None = None) -> Subject:
        """The subject that the profile describes, in a run with queues of that type.

        Raises SetupError if the program declares queues of another type.
        """
        values = dict(self._values)
        own = values.get("queue_type")
        by_definitions = self._type_by_definitions()
        if by_definitions is not None:
            if own not in (None, by_definitions):
                raise SetupError(
                    f"The profile {self.file} has the queue_type {own}, but its definitions make the queue a "
                    f"{by_definitions} queue; correct one of them."
                )
            own = values["queue_type"] = by_definitions
        elif own is not None and queue_type not in (None, own):
            raise SetupError(
                f"The program of {self.file} declares {own} queues, so it cannot be judged with "
                f"--queue-type {queue_type}."
            )
        like = subject.reference(own or queue_type or "classic")
        values["environment"] = {**like.environment, **values.get("environment", {})}
        return replace(like, **{"name": self.file.resolve().parent.name, **values})

    def _type_by_definitions(self) -> str | None:
        """The type of the program's queue by its definitions; None if they do not make this queue."""
        made = self._values.get("definitions")
        queue = made and made.queue(self._values.get("queue", Subject.queue))
        return queue.type if queue else None

    def _read(self) -> None:
        try:
            data = _loaded(self.file, f"profile {self.file}")
        except SetupError as error:
            self.mistakes.append(str(error))
            return
        for key in data.keys() - _READERS.keys():
            self._wrong(f"there is no key {key!r}; known are {', '.join(sorted(_READERS))}")
        self._in_image = "image" in data
        if "service" in data:
            self._of_service = command.OF_THE_SERVICE
        self._values["roles"] = roles = tuple(role for role in PROGRAMS if role in data)
        if not roles and "service" not in data:
            self._wrong('it names no program; add worker = ["..."], or producer = ["..."], or both')
        # In the order of `_READERS`: what the commands mean depends on `folder` and `requirements`.
        for key in sorted(data.keys() & _READERS.keys(), key=list(_READERS).index):
            try:
                _READERS[key](self, key, data[key])
            except _Mistake as mistake:
                self._wrong(f"{key}{mistake}" if str(mistake).startswith(".") else f"{key} {mistake}")
        if "service" in data:
            self._check_service("producer" in data)
        if self._in_image:
            for key in ("requirements", "fixed_address", "shared_network"):
                if key in data:
                    self._wrong(f"image and {key} exclude each other: {_NOT_IN_AN_IMAGE[key]}")
        if "prefetch" in self._values or "prefetch" not in data:
            self._check_concurrency()
        if self._values.get("routing_key") and "exchange" not in data:
            self._wrong("routing_key needs an exchange: the default exchange takes the name of the queue")
        if self._values.get("envelope") and ("producer" not in data or "message" in data):
            self._wrong(
                "envelope means that the program's own producer shows what carries a task: leave out [message]"
                if "message" in data
                else "envelope needs the producer, which shows what carries a task; without one, use [message]"
            )

    def _check_service(self, has_producer: bool) -> None:
        service = self._values.get("service")
        if not has_producer:
            self._wrong(subject.NO_STIMULUS.format("[service]", 'producer = ["curl", ...]').rstrip("."))
        if "fixed_address" in self._values and service is not None and service.ready_line is None:
            self._wrong(
                "[service] needs ready_line if there is a fixed_address: the suite cannot reach a port in the "
                "network namespace of a program"
            )

    def _check_concurrency(self) -> None:
        concurrency, prefetch = self._values.get("concurrency", 1), self._values.get("prefetch", 1)
        if concurrency > prefetch:
            del self._values["concurrency"]
            self._wrong(
                f"concurrency is {concurrency}, but a worker cannot work on more tasks than it holds, and prefetch "
                f"is {prefetch}"
            )

    def _wrong(self, what: str) -> None:
        self.mistakes.append(f"The profile {self.file}: {what}.")

    # The readers: each takes the value of one key, or raises _Mistake

    def _text(self, key: str, value: Any) -> None:
        if not isinstance(value, str) or not value:
            raise _Mistake("must be a text that is not empty")
        self._values[key] = value

    def _switch(self, key: str, value: Any) -> None:
        if not isinstance(value, bool):
            raise _Mistake("must be true or false")
        self._values[key] = value

    def _read_folder(self, key: str, value: Any) -> None:
        self._text(key, value)
        self._folder = (self._folder / self._values.pop(key)).resolve()
        if not self._folder.is_dir():
            raise _Mistake(f"names {self._folder}, which is not a folder")

    def _read_requirements(self, key: str, value: Any) -> None:
        self._text(key, value)
        try:
            self._values[key] = Requirements.read(self._folder / self._values.pop(key))
        except (OSError, UnicodeDecodeError) as error:
            raise _Mistake(f"names {self._folder / value}, which cannot be read") from error

    def _read_environment(self, key: str, value: Any) -> None:
        for name, text in _texts(value).items():
            if not name or "=" in name or "\0" in name + text:
                raise _Mistake(f"holds {name!r}, which is not a variable's name or has a NUL in its value")
            if "{task}" in text:
                raise _Mistake(
                    f"{name} cannot hold {{task}}, which stands for several arguments: use {{text}}"
                )
            for mistake in command.mistakes(text, (*command.PLACEHOLDERS, *self._of_service)):
                raise _Mistake(f"{name} {mistake}")
        self._values[key] = dict(value)

    def _read_producer(self, key: str, value: Any) -> None:
        # The command that asks a service for a task is no program of the image.
        in_image = self._in_image and not self._of_service
        placeholders = (*command.PLACEHOLDERS, *self._of_service)
        self._values[key] = self._command(value, placeholders, in_image=in_image)

    def _read_service(self, key: str, value: Any) -> None:
        if not isinstance(value, dict) or "command" not in value:
            raise _Mistake('must be a table with the command that starts the service: command = ["..."]')
        known = ("command", "longest_text", "ready_line", "ready_url")
        if strange := sorted(value.keys() - set(known)):
            raise _Mistake(f"has no key {strange[0]!r}; known are {', '.join(known)}")
        if "ready_url" in value and "ready_line" in value:
            raise _Mistake("has both ready_url and ready_line; one of them is enough")
        placeholders = (*subject.WITHOUT_A_TASK, *self._of_service)
        started_by = self._command(value["command"], placeholders, in_image=self._in_image)
        self._values[key] = Service(
            started_by,
            self._url(value.get("ready_url", "")),
            _pattern(value.get("ready_line")),
            _longest_text(value.get("longest_text")),
        )

    def _url(self, value: Any) -> str:
        if not isinstance(value, str) or (value and not _HTTP.fullmatch(value)):
            raise _Mistake(
                '.ready_url must be a URL of this machine, such as "http://127.0.0.1:{service_port}/health"'
            )
        for mistake in command.mistakes(value, (*subject.WITHOUT_A_TASK, *self._of_service)):
            raise _Mistake(f".ready_url {mistake}")
        return value

    def _read_worker(self, key: str, value: Any) -> None:
        self._values[key] = self._command(value, subject.WITHOUT_A_TASK, in_image=self._in_image)

    def _read_install(self, key: str, value: Any) -> None:
        several = isinstance(value, list) and all(isinstance(each, list) for each in value)
        commands = value if several else [value]
        if any(
            True for line in commands for part in line if isinstance(part, str) for _ in command.named(part)
        ):
            raise _Mistake("cannot hold placeholders: when it runs there is no broker yet")
        self._values[key] = tuple(self._command(each, ()) for each in commands)

    def _command(self, value: Any, placeholders: Sequence[str], *, in_image: bool = False) -> Command:
        if value == [] and in_image:
            return Command((), self._folder)  # the image has a command of its own
        if not isinstance(value, list) or not value or not all(isinstance(part, str) for part in value):
            raise _Mistake('must be a list of texts, such as ["node", "program.js"]')
        if not value[0] or any("\0" in part for part in value):
            raise _Mistake("cannot be a command line: its first text is empty, or one holds a NUL")
        for mistake in command.mistakes_of(value, placeholders):
            raise _Mistake(mistake)
        program = value[0] if in_image else self._program(value[0])
        return Command((program, *value[1:]), self._folder)

    def _program(self, name: str) -> str:
        """A bare `python` is the one with the program's requirements; without requirements it is the suite's
        Python, which has pika.
        """
        if name != "python":
            return name
        requirements: Requirements | None = self._values.get("requirements")
        return str(requirements.python) if requirements is not None else sys.executable

    def _read_queue(self, key: str, value: Any) -> None:
        if isinstance(value, list):
            if not value or len(set(map(str, value))) < len(value):
                raise _Mistake("must name at least one queue, and each of them once")
            for each in value:
                self._text(key, each)
            self._values["other_queues"] = tuple(value[1:])
            value = value[0]
        self._text(key, value)

    def _read_queue_type(self, key: str, value: Any) -> None:
        self._values[key] = _one_of(_QUEUE_TYPES, value)

    def _read_standard_input(self, key: str, value: Any) -> None:
        self._values[key] = _one_of(_INPUTS, value)

    def _read_seconds_per_dot(self, key: str, value: Any) -> None:
        unchosen = value == 0 and not isinstance(value, bool)
        self._values[key] = 0.0 if unchosen else _seconds(value, LONGEST_DOT)

    def _read_at_once(self, key: str, value: Any) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_AT_ONCE:
            raise _Mistake(f"must be a whole number of tasks, at least 1 and at most {MOST_AT_ONCE}")
        self._values[key] = value

    def _read_start_seconds(self, key: str, value: Any) -> None:
        self._values[key] = _seconds(value, LONGEST_START)

    def _read_fixed_address(self, key: str, value: Any) -> None:
        host, _, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
        if not host or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            raise _Mistake('must be a host and a port, such as "localhost:5672"')
        host = host.removeprefix("[").removesuffix("]")
        if host != "localhost" and not _is_loopback(host):
            raise _Mistake(
                f"names {host!r}, but must name a loopback address of this machine: localhost, 127.0.0.1"
            )
        self._values[key] = (host, int(port))

    def _read_failing_word(self, key: str, value: Any) -> None:
        if not isinstance(value, str):
            raise _Mistake("must be a text")
        if value and tasks.may_hold(value):
            raise _Mistake(f"is {value!r}, which the suite's ordinary tasks may hold too; use a longer word")
        self._values[key] = value

    def _read_routing_key(self, key: str, value: Any) -> None:
        if not isinstance(value, str):
            raise _Mistake("must be a text")
        self._values[key] = value

    def _read_definitions(self, key: str, value: Any) -> None:
        self._text(key, value)
        queue = self._values.get("queue", Subject.queue)
        try:
            made = self._values[key] = definitions.read(self._folder / self._values.pop(key), queue)
        except SetupError as error:
            raise _Mistake(f"cannot be loaded: {str(error).rstrip('.')}") from error
        if (of := made.queue(queue)) is not None and of.type not in _QUEUE_TYPES:
            raise _Mistake(f"makes {queue!r} a {of.type}, and only classic and quorum queues can be judged")

    def _read_message(self, key: str, value: Any) -> None:
        if not isinstance(value, dict):
            raise _Mistake('must be a table, such as [message] with body = "{text}"')
        usual = {name: each for name, each in value.items() if name != "failing"}
        message = self._values[key] = _message(usual, "")
        failing = value.get("failing")
        if failing is not None:
            if not isinstance(failing, dict) or not failing:
                raise _Mistake(".failing must be a table with what is different in a message that fails")
            if failing == {name: usual.get(name) for name in failing}:
                raise _Mistake(".failing says nothing else than [message], so it would fail no task")
            self._values["failing_message"] = _message({**usual, **failing}, ".failing")
        if not message.carries_the_text:
            self._values.setdefault("failing_word", "")
            if not message.says_the_seconds:
                self._values.setdefault("seconds_per_dot", 0.0)

    def _read_clauses(self, key: str, value: Any) -> None:
        reasons = _reasons(value)
        if both := set(reasons) & set(self._values.get("not_asked", {})):
            raise _Mistake(
                f"names {', '.join(sorted(both))}, which is not judged since not_asked names it, too"
            )
        self._values[key] = reasons


class _Mistake(Exception):
    """What is wrong with a value. The text continues a sentence that begins with the value's key."""


def _loaded(file: Path, what: str) -> dict[str, Any]:
    """The data of a TOML file. Raises SetupError if it cannot be read; `what` names the file."""
    try:
        return tomllib.loads(text_of(file))
    except OSError as error:
        raise SetupError(f"Cannot read the {what}: {error.strerror}.") from error
    except RecursionError as error:
        raise SetupError(f"The {what} holds lists in lists too deeply; no key needs that.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SetupError(f"The {what} is not TOML: {error}.") from error


def _reasons(value: Any) -> dict[str, str]:
    """A table of clauses, each with a reason. A team's own clauses are taken as they are: the tests that judge them
    are not read yet.
    """
    reasons = dict(_texts(value))
    known = {clause.id for clause in all_clauses()} if reasons else set()
    if unknown := [clause for clause in reasons if clause not in known and not is_own(clause)]:
        raise _Mistake(f"names {', '.join(unknown)}, and SPEC.md has no such clause")
    if bare := [clause for clause, reason in reasons.items() if not reason.strip()]:
        raise _Mistake(f"gives no reason for {', '.join(bare)}")
    return reasons


def _texts(value: Any) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise _Mistake("must be a table")
    for name, text in value.items():
        if not isinstance(text, str):
            raise _Mistake(f"{name} must be a text")
    return value


def _one_of(allowed: Sequence[str], value: Any) -> str:
    if value not in allowed:
        raise _Mistake(f"must be one of {', '.join(allowed)}")
    return str(value)


def _seconds(value: Any, most: float) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or math.isnan(value) or not 0 < value <= most:
        raise _Mistake(f"must be a number of seconds, more than 0 and at most {most:g}")
    return float(value)


def _message(values: dict[str, Any], where: str) -> TaskMessage:
    message = TaskMessage(values)
    for mistake in message.mistakes():
        raise _Mistake(f"{where} {mistake}".strip())
    return message


def _pattern(value: Any) -> re.Pattern[str] | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value:
        raise _Mistake(".ready_line must be a regular expression that is not empty")
    try:
        return re.compile(value)
    except re.error as error:
        raise _Mistake(f".ready_line is no regular expression: {error}") from error


def _longest_text(value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < SHORTEST_LIMIT:
        raise _Mistake(f".longest_text must be a whole number of bytes, at least {SHORTEST_LIMIT}")
    return value


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


_NOT_IN_AN_IMAGE = {
    "requirements": "the image has its packages",
    "fixed_address": "give the program the address of its broker by a variable or an argument",
    "shared_network": "containers are on this machine's network anyway",
}
_READERS: dict[str, Callable[[Profile, str, Any], None]] = {
    "name": Profile._text,
    "folder": Profile._read_folder,
    "requirements": Profile._read_requirements,
    "install": Profile._read_install,
    "image": Profile._text,
    "service": Profile._read_service,
    "producer": Profile._read_producer,
    "worker": Profile._read_worker,
    "environment": Profile._read_environment,
    "queue": Profile._read_queue,
    "queue_type": Profile._read_queue_type,
    "exchange": Profile._text,
    "routing_key": Profile._read_routing_key,
    "definitions": Profile._read_definitions,
    "fixed_address": Profile._read_fixed_address,
    "shared_network": Profile._switch,
    "prefetch": Profile._read_at_once,
    "concurrency": Profile._read_at_once,
    "seconds_per_dot": Profile._read_seconds_per_dot,
    "start_seconds": Profile._read_start_seconds,
    "terminal": Profile._switch,
    "standard_input": Profile._read_standard_input,
    "envelope": Profile._switch,
    "failing_word": Profile._read_failing_word,
    "message": Profile._read_message,
    "not_asked": Profile._read_clauses,
    "known_failures": Profile._read_clauses,
}
KEYS = tuple(_READERS)
"""All keys, in the order in which they are read."""
