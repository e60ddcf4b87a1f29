"""Why a clause matters, and how to mend a program that breaks it: data beside the chapters.

`remedies/worker.toml` beside `test_worker.py` has a table for each clause of that chapter. Each file in
`remedies/settings/` tells how the common libraries do one thing, so that the texts of the clauses need not repeat
it. A team's own clauses may have such a folder beside their chapter, too.
"""

import ast
import functools
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .. import ROOT
from ..errors import SetupError
from .chapters import clauses_of
from .clauses import Clause

LIBRARIES = (
    "pika",
    "aio-pika",
    "celery",
    "kombu",
    "dramatiq",
    "amqplib",
    "amqp-connection-manager",
    "java-client",
    "spring-amqp",
    "amqp091-go",
    "bunny",
    "php-amqplib",
    "dotnet-client",
)
"""The libraries of which a setting may tell, in the order in which they are shown."""

_SPEC_TESTS = ROOT / "spec_tests"
_OF_A_CLAUSE = {"why", "how", "reference", "settings"}
_QUEUE_TYPES = ("classic", "quorum")


@dataclass(frozen=True)
class Call:
    """How one library does it."""

    library: str
    do: str
    """The call or the setting; or that the library has none."""
    link: str
    """The library's documentation, or its source."""


@dataclass(frozen=True)
class Setting:
    """One thing that a program can do to keep its promises, and how the libraries do it."""

    subject: str
    calls: tuple[Call, ...]
    queue_type: str = ""
    """The only type of queue on which it has an effect; empty if it has one on each."""


@dataclass(frozen=True)
class Place:
    """A function or a class that keeps the promise."""

    name: str
    path: str
    line: int


@dataclass(frozen=True)
class Remedy:
    """Why a clause matters, and how to mend a program that breaks it."""

    why: str
    how: str
    reference: tuple[Place, ...]
    settings: tuple[Setting, ...]

    def as_data(self, queue_type: str = "") -> dict[str, Any]:
        """The remedy as the JSON report has it: each call of a library is one item. What has an effect on queues of
        another type than this one is left out.
        """
        settings = [each for each in self.settings if not queue_type or each.queue_type in ("", queue_type)]
        calls = [(setting.subject, call) for setting in settings for call in setting.calls]
        return {
            "why": self.why,
            "how": self.how,
            "reference": [asdict(place) for place in self.reference],
            "settings": [{"subject": subject, **asdict(call)} for subject, call in calls],
        }


def remedy_of(clause: Clause) -> Remedy | None:
    """The remedy of a clause; None if there is none. Raises SetupError if a file has a mistake."""
    chapter = sys.modules.get(clause.test.partition("::")[0])
    if chapter is None or chapter.__file__ is None:
        return None
    file = Path(chapter.__file__)
    remedies = read(file)
    known = {each.id for each in clauses_of(chapter)}
    if unknown := sorted(remedies.keys() - known):
        raise _mistake(file_of(file), f"names {unknown[0]}, and {file.name} has no such clause")
    return remedies.get(clause.id)


@functools.cache
def read(chapter: Path) -> Mapping[str, Remedy]:
    """The remedies for the clauses of a file of tests, by the ids of the clauses. Empty if there are none.

    Raises SetupError if a file has a mistake.
    """
    file = file_of(chapter)
    tables = _tables(file) if file.is_file() else {}
    return {id_: _remedy(id_, table, file) for id_, table in tables.items()}


def file_of(chapter: Path) -> Path:
    """The file with the remedies for a file of tests, whether it exists or not."""
    return chapter.parent / "remedies" / f"{chapter.stem.removeprefix('test_')}.toml"


def all_settings() -> tuple[Setting, ...]:
    """The settings that come with the specification, by their titles."""
    files = (_SPEC_TESTS / "remedies" / "settings").glob("*.toml")
    return tuple(sorted((read_setting(file) for file in files), key=lambda setting: setting.subject))


@functools.cache
def read_setting(file: Path) -> Setting:
    """A setting. Raises SetupError if its file has a mistake."""
    tables = _tables(file)
    title = _text(tables.pop("title", None), "title", file)
    queue_type = tables.pop("queue_type", "")
    if queue_type not in ("", *_QUEUE_TYPES):
        raise _mistake(file, f"queue_type must be {' or '.join(_QUEUE_TYPES)}")
    if unknown := [name for name in tables if name not in LIBRARIES]:
        raise _mistake(file, f"names the library {unknown[0]!r}; known: {', '.join(LIBRARIES)}")
    if not tables:
        raise _mistake(file, "names no library")
    calls = tuple(_call(name, tables[name], file) for name in LIBRARIES if name in tables)
    return Setting(title, calls, queue_type)


def _remedy(id_: str, table: object, file: Path) -> Remedy:
    if not isinstance(table, dict):
        raise _mistake(file, f"{id_} must be a table")
    if unknown := table.keys() - _OF_A_CLAUSE:
        raise _mistake(file, f"{id_} has the unknown key {min(unknown)}")
    places = _texts(table.get("reference", []), f"{id_}.reference", file)
    settings = _texts(table.get("settings", []), f"{id_}.settings", file)
    return Remedy(
        _text(table.get("why"), f"{id_}.why", file),
        _text(table.get("how"), f"{id_}.how", file),
        tuple(_place(each, file) for each in places),
        tuple(read_setting(_setting_file(name, file)) for name in settings),
    )


def _call(library: str, table: object, file: Path) -> Call:
    if not isinstance(table, dict) or table.keys() != {"do", "link"}:
        raise _mistake(file, f"{library} must be a table of `do` and `link`")
    link = _text(table["link"], f"{library}.link", file)
    if not link.startswith("https://") or any(c.isspace() for c in link):
        raise _mistake(file, f"{library}.link must begin with https:// and have no spaces")
    return Call(library, _text(table["do"], f"{library}.do", file), link)


def _setting_file(name: str, file: Path) -> Path:
    """The file of a setting: beside the chapter's remedies, or else one that comes with the specification."""
    folders = (file.parent / "settings", _SPEC_TESTS / "remedies" / "settings")
    for folder in folders:
        if (found := folder / f"{name}.toml").is_file():
            return found
    raise _mistake(file, f"names the setting {name!r}, and there is no file settings/{name}.toml")


def _place(named: str, file: Path) -> Place:
    """The function or class that `path:qualified name` names. Its path begins at the checkout or, for a team's own
    clauses, at the folder of their chapter.
    """
    path, _, name = named.partition(":")
    folder = file.parent.parent
    source = (ROOT if folder == _SPEC_TESTS else folder) / path
    line = _lines(source).get(name) if source.is_file() else None
    if line is None:
        raise _mistake(file, f"names {named!r}, and there is no such function or class")
    return Place(name, path, line)


@functools.cache
def _lines(source: Path) -> Mapping[str, int]:
    """The line of each function, method and class of a Python file, by its qualified name."""
    return dict(_named(ast.parse(source.read_text(encoding="utf-8")), ""))


def _named(node: ast.AST, prefix: str) -> Iterator[tuple[str, int]]:
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield f"{prefix}{each.name}", each.lineno
            yield from _named(each, f"{prefix}{each.name}.")


def _tables(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise _mistake(file, f"cannot be read: {error}") from None


def _texts(value: object, key: str, file: Path) -> list[str]:
    if not isinstance(value, list):
        raise _mistake(file, f"{key} must be a list of texts")
    return [_text(each, key, file) for each in value]


def _text(value: object, key: str, file: Path) -> str:
    """The text as one line."""
    if not isinstance(value, str) or not value.strip():
        raise _mistake(file, f"{key} must be a text")
    return " ".join(value.split())


def _mistake(file: Path, says: str) -> SetupError:
    return SetupError(f"{file}: {says}.")
