"""`./spec compare`: says what changed from one JSON report to another."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import SetupError
from ..programs import signals
from ..report.comparison import compare, mistake_in
from . import parsers
from .spelling import MISUSED

INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Prints the changes. Returns 1 if a MUST is newly broken, 4 if a file is no report, and otherwise 0."""
    given = parsers.compare().parse_args(arguments)
    try:
        old, new = read(given.old), read(given.new)
    except SetupError as error:
        print(f"spec: {error}", file=sys.stderr)
        return MISUSED
    comparison = compare(old, new)
    for line in comparison.lines():
        print(line)
    return 1 if comparison.newly_broken else 0


def read(file: Path) -> dict[str, Any]:
    """The report in the file. Raises SetupError if there is none that can be compared."""
    try:
        report = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SetupError(f"{file} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise SetupError(f"{file} is not JSON.") from None
    if mistake := mistake_in(report):
        raise SetupError(f"{file} {mistake}.")
    found: dict[str, Any] = report
    return found


if __name__ == "__main__":
    signals.run(main, INTERRUPTED)
