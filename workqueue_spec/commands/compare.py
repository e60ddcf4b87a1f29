"""`./spec compare`: says what changed from one JSON report to another."""

import sys
from collections.abc import Sequence

from ..errors import SetupError
from ..programs import signals
from ..report import file
from ..report.comparison import compare, mistake_in
from . import parsers
from .spelling import MISUSED

INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Prints the changes. Returns 1 if a MUST is newly broken, 4 if a file is no report, and otherwise 0."""
    given = parsers.compare().parse_args(arguments)
    try:
        old, new = file.read(given.old, mistake_in), file.read(given.new, mistake_in)
    except SetupError as error:
        print(f"spec: {error}", file=sys.stderr)
        return MISUSED
    comparison = compare(old, new)
    for line in comparison.lines():
        print(line)
    return 1 if comparison.newly_broken else 0


if __name__ == "__main__":
    signals.run(main, INTERRUPTED)
