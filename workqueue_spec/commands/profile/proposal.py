"""Proposes the `[message]` of a profile, from a message that the producer has published."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...judgement.tasks import Task
from ...programs.envelope import Message
from ...programs.message import KEYS, TaskMessage, changed

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_LONGEST = 2000
"""Characters of the longest body that is shown."""
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LIKE_A_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def proposed(message: Message, task: Task) -> list[str]:
    """The lines of TOML that would carry the task in a message like this one. Empty if they cannot be told, since
    the body is no text, or does not hold the task's text as it is or as JSON.
    """
    try:
        body = message.body.decode()
    except UnicodeDecodeError:
        return []
    given = {**message.properties, "body": body}
    values = {key: changed(given[key], lambda text: _general(text, task)) for key in KEYS if key in given}
    if (
        len(body) > _LONGEST
        or not TaskMessage(values).carries_the_text
        or any(TaskMessage(values).mistakes())
    ):
        return []
    return ["[message]", *(f"{key} = {_toml(value)}" for key, value in values.items())]


def _general(text: str, task: Task) -> str:
    """The text with placeholders for what is new in each message."""
    text = _LIKE_A_PLACEHOLDER.sub(r"{{\1}}", text)
    for ascii_only in (True, False):
        text = text.replace(json.dumps(task.text, ensure_ascii=ascii_only), "{text_json}")
    return _UUID.sub("{uuid}", text.replace(task.text, "{text}"))


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(_pairs(value))} }}" if value else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, str) and "'" not in value and value.isprintable() and '"' in value:
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False)  # JSON's strings, numbers and booleans are TOML, too


def _pairs(table: Mapping[str, Any]) -> Iterator[str]:
    for name, value in table.items():
        yield f"{name if _BARE.fullmatch(name) else json.dumps(name)} = {_toml(value)}"
