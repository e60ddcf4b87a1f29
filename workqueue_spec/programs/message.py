"""What carries a task to a worker, as a profile's `[message]` says it. Its own producer need not run for that.

Each text of the message may hold placeholders, which are filled for each task.
"""

import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pika

from ..judgement.tasks import Task
from . import command
from .envelope import Message

TEXTS = ("content_type", "content_encoding", "type", "message_id", "correlation_id", "reply_to", "app_id")
"""The properties that are texts, by the names of AMQP."""
KEYS = ("body", *TEXTS, "priority", "headers")
"""All that a message can say. It is always persistent, as a task has to be."""
PLACEHOLDERS = ("text", "text_json", "id", "uuid", "seconds", "milliseconds")
_HOLD_THE_TOKEN = {"text", "text_json", "id"}
"""The placeholders by which a task is known on the wire."""
_HIGHEST_PRIORITY = 255


@dataclass(frozen=True)
class TaskMessage:
    """A message with placeholders in its texts."""

    values: Mapping[str, Any]
    """By the KEYS, as the profile has them."""

    def carrying(self, task: Task, seconds: float) -> Message:
        """A new message that carries the task, whose work takes this many seconds."""
        filled = _filled(dict(self.values), _of(task, seconds))
        body = filled.pop("body").encode()
        return Message(body, {**filled, "delivery_mode": pika.DeliveryMode.Persistent.value})

    @property
    def carries_the_text(self) -> bool:
        """Whether the text of a task is in its body."""
        return not {"text", "text_json"}.isdisjoint(command.named(self.values["body"]))

    @property
    def says_the_seconds(self) -> bool:
        """Whether it says how long the work shall take."""
        return any(
            not {"seconds", "milliseconds"}.isdisjoint(command.named(text)) for text in _texts(self.values)
        )

    def mistakes(self) -> Iterator[str]:
        """What is wrong with it: the end of a sentence for each mistake, which begins with the message's key."""
        for key, value in self.values.items():
            yield from _mistakes_of(key, value)
        body = self.values.get("body")
        if body is None:
            yield 'has no body; add body = "{text}", or what your worker is given'
        elif isinstance(body, str) and _HOLD_THE_TOKEN.isdisjoint(command.named(body)):
            yield "has a body without {text}, {text_json} or {id}, so no task could be found again on the wire"


def _mistakes_of(key: str, value: Any) -> Iterator[str]:
    if key not in KEYS:
        yield f"has no key {key!r}; known are {', '.join(sorted(KEYS))}"
        return
    if key == "priority":
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _HIGHEST_PRIORITY:
            yield f"has a priority that is no whole number from 0 to {_HIGHEST_PRIORITY}"
        return
    if key == "headers":
        if not isinstance(value, dict):
            yield "has headers that are no table"
            return
        if odd := sorted(
            str(type(each).__name__) for each in _leaves(value) if not isinstance(each, _IN_HEADERS)
        ):
            yield f"has a header with a {odd[0]}; use texts, numbers, true and false, lists and tables"
    elif not isinstance(value, str):
        yield f"has a {key} that is no text"
    for text in _texts(value):
        for name in command.named(text):
            if name not in PLACEHOLDERS:
                known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
                yield f"has the unknown placeholder {{{name}}} in {key}; known are {known}"


_IN_HEADERS = (str, int, float, bool)


def _of(task: Task, seconds: float) -> dict[str, str]:
    """The values of the placeholders. The id is new in each message, and holds the task's token."""
    return {
        **command.values_of_task(task.text),
        "id": f"{task.token}-{secrets.token_hex(4)}",
        "uuid": str(uuid.uuid4()),
        "seconds": f"{seconds:g}",
        "milliseconds": f"{seconds * 1000:.0f}",
    }


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    return changed(value, lambda text: command.filled(text, values))


def changed(value: Any, change: Callable[[str], str]) -> Any:
    """The value of a message's key with each text in it changed, in tables and lists, too."""
    match value:
        case dict():
            return {name: changed(each, change) for name, each in value.items()}
        case list():
            return [changed(each, change) for each in value]
        case str():
            return change(value)
    return value


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    else:
        yield value


def _texts(value: Any) -> Iterator[str]:
    yield from (each for each in _leaves(value) if isinstance(each, str))
