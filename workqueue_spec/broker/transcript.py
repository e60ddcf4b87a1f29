"""Makes text of other programs, such as the end of a log, fit for a terminal."""

import re
from pathlib import Path

_LINES = 8
_COLUMNS = 160
_LEADING_TIME = re.compile(r"^\d{4}-\d\d-\d\d[ T][\d:.]+(?:[+-]\d\d:?\d\d)? ")


def last_lines(*files: Path) -> str:
    """The last lines of each file that exists, each on a line of its own and indented."""
    return "".join(last_lines_of(file.read_text(errors="replace")) for file in files if file.exists())


def last_lines_of(text: str) -> str:
    """The last lines of a log, each on a line of its own and indented."""
    lines = [_LEADING_TIME.sub("", line).rstrip() for line in text.splitlines()]
    with_words = [line for line in lines if line.strip(" \t=-#")]
    return "".join(f"\n    {printable(line)}" for line in with_words[-_LINES:])


def printable(text: str) -> str:
    """The text on one line, cut to length, with control characters escaped."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text[:_COLUMNS]
    )
