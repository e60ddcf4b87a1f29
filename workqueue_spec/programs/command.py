"""A command line with placeholders, which are filled before the command is run."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

OF_THE_BROKER = ("url", "host", "port", "user", "password", "vhost")
OF_THE_SUBJECT = ("queue", "seconds_per_dot")
OF_THE_TASK = ("task", "text", "text_json")
"""`{task}` stands for one argument per word of the task, `{text}` for all its words in one argument, `{text_json}`
for the same as a JSON string, with its quotes."""
OF_THE_SERVICE = ("service_port",)
"""The port of this machine that a service may listen on."""
PLACEHOLDERS = (*OF_THE_BROKER, *OF_THE_SUBJECT, *OF_THE_TASK)
"""All placeholders that a producer may hold that is no service."""

_PLACEHOLDER = re.compile(r"\{\{(?P<kept>[a-z_]+)\}\}|(?<!\$)\{(?P<placeholder>[a-z_]+)\}")
"""A lower-case name in braces. Neither JSON nor a shell's `${name}` looks like that. Text that looks like a
placeholder and is none is written with double braces."""


@dataclass(frozen=True)
class Command:
    """A command line, and the folder that it is run in."""

    parts: tuple[str, ...]
    folder: Path

    def filled(
        self, values: Mapping[str, str], words: Sequence[str] = (), *, append: bool = True
    ) -> list[str]:
        """The command line with its placeholders replaced by the values. The task's words are appended if there is
        no placeholder for them, unless `append` is false.
        """
        for_words = {placeholder for part in self.parts for placeholder in named(part)} & set(OF_THE_TASK)
        parts = self.parts if for_words or not append else (*self.parts, "{task}")
        values = {**values, **values_of_task(" ".join(words))}
        line: list[str] = []
        for part in parts:
            line += words if part == "{task}" else [filled(part, values)]
        return line


def named(text: str) -> Iterator[str]:
    """The names of the placeholders in the text, known or not."""
    return (match["placeholder"] for match in _PLACEHOLDER.finditer(text) if match["placeholder"])


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders replaced by the values; one that has no value stays."""

    def fill(match: re.Match[str]) -> str:
        if match["kept"]:
            return f"{{{match['kept']}}}"
        return values.get(match["placeholder"], match[0])

    return _PLACEHOLDER.sub(fill, text)


def values_of_task(text: str) -> dict[str, str]:
    """The values of the placeholders that stand for the whole text of a task."""
    return {"text": text, "text_json": json.dumps(text, ensure_ascii=False)}


def values_of(url: str) -> dict[str, str]:
    """The values of the broker's placeholders, from its URL. If the URL is not valid, nor are the values."""
    parts = urlsplit(url)
    credentials, _, listener = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    host, _, port = listener.rpartition(":")
    values = (url, host.strip("[]"), port, unquote(user), unquote(password), unquote(parts.path[1:]))
    return dict(zip(OF_THE_BROKER, values, strict=True))


def without_secrets(values: Mapping[str, str]) -> dict[str, str]:
    """The values that hold a password, `url` and `password`, with `...` in its place."""
    scheme, separator, rest = values["url"].partition("://")
    credentials, at, location = rest.rpartition("@")
    user = credentials.partition(":")[0]
    return {"url": f"{scheme}{separator}{user}:...@{location}" if at else values["url"], "password": "..."}


def mistakes(text: str, allowed: Sequence[str] = PLACEHOLDERS) -> Iterator[str]:
    """What is wrong with the placeholders in a text, each as the end of a sentence that begins with its subject."""
    for name in named(text):
        if name not in (*PLACEHOLDERS, *OF_THE_SERVICE):
            known = ", ".join(f"{{{each}}}" for each in allowed)
            plain = f"{{{{{name}}}}}"
            yield f"has the unknown placeholder {{{name}}}; known are {known}, and {plain} is plain text"
        elif name not in allowed:
            yield f"cannot hold {{{name}}}: {_WHY_NOT[name]}"
        elif name == "task" and text != "{task}":
            yield "has {task} inside a longer text, but it stands for several arguments: use {text}"


def mistakes_of(parts: Sequence[str], allowed: Sequence[str]) -> Iterator[str]:
    """What is wrong with the placeholders in a command line, as for `mistakes`."""
    for part in parts:
        yield from mistakes(part, allowed)
    yield from _text_as_code(parts)


def _text_as_code(parts: Sequence[str]) -> Iterator[str]:
    """What is wrong with a command line that would run the words of a task as a program."""
    appended = not set(OF_THE_TASK) & {name for part in parts for name in named(part)}
    line = [*parts, *(["{task}"] if appended else [])]
    for index, part in enumerate(line):
        program = _VERSION.sub("", part.rpartition("/")[2].removesuffix(".exe"))
        if program in _CODE and (found := _code_among(line[index + 1 :], _CODE[program])):
            option, code = found
            if words := sorted(set(OF_THE_TASK) & set(named(code))):
                yield (
                    f"would run the text of each task as code, since {{{words[-1]}}} is in the program that "
                    f"{part} {option} is given: {_INSTEAD[program in SHELLS]}"
                )
                return


def _code_among(arguments: Sequence[str], is_for_code: re.Pattern[str]) -> tuple[str, str] | None:
    """The option that is for code, and the code; None if the interpreter is given none."""
    rest = iter(arguments)
    for each in rest:
        if is_for_code.fullmatch(each):
            code = next(rest, None)
            return None if code is None else (each, code)
        if each in _WITH_VALUE:
            next(rest, None)
        elif not each.startswith(("-", "+")):
            return None
    return None


SHELLS = ("sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish")
_CODE = {
    **dict.fromkeys(SHELLS, re.compile("-[a-zA-Z]*c|--command")),
    **dict.fromkeys(("python", "pypy"), re.compile("-[a-zA-Z]*c")),
    **dict.fromkeys(("node", "nodejs", "bun", "deno"), re.compile("-e|-p|-pe|--eval|--print")),
    **dict.fromkeys(("perl", "ruby", "elixir", "lua"), re.compile("-[a-zA-Z]*[eE]")),
    "php": re.compile("-r|--run"),
    **dict.fromkeys(("pwsh", "powershell"), re.compile("-c|-command", re.IGNORECASE)),
}
"""The option of each interpreter whose argument is a program. It need not be the first option."""
_WITH_VALUE = frozenset(
    {"-o", "+o", "-O", "+O", "--rcfile", "--init-file", "-W", "-X", "-r", "--require", "-I"}
)
"""Options of these interpreters that are followed by a value."""
_VERSION = re.compile(r"[0-9.]+$")
_INSTEAD = {
    True: 'write "$@" there, and after it a name and {task}, as in sh -c \'node send.js "$@"\' sh {task}',
    False: "give {text} as an argument of its own, and read the program's arguments there",
}


_WHY_NOT = {
    "task": "it stands for a task's words, which only a producer is given",
    "text": "it stands for a task's text, which only a producer is given",
    "text_json": "it stands for a task's text, which only a producer is given",
    "service_port": "it stands for the port of a service, and the producer is none",
}
