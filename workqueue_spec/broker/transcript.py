"""The end of a program's log, fit to be shown to a person."""

import re
from pathlib import Path

_LINES = 8
_COLUMNS = 160
_LEADING_TIME = re.compile(r"^\d{4}-\d\d-\d\d[ T][\d:.]+(?:[+-]\d\d:?\d\d)? ")


def last_lines(*files: Path) -> str:
    """The last lines of the files that are there, each on a line of its own and indented."""
    return "".join(last_lines_of(file.read_text(errors="replace")) for file in files if file.exists())


def last_lines_of(text: str) -> str:
    """The last lines of a log. They are a stranger's data: cut, with control characters escaped."""
    lines = [_LEADING_TIME.sub("", line).rstrip() for line in text.splitlines()]
    telling = [line for line in lines if line.strip(" \t=-#")]
    return "".join(f"\n    {_printable(line)[:_COLUMNS]}" for line in telling[-_LINES:])


def _printable(line: str) -> str:
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)
