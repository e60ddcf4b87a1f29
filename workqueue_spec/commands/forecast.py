"""`./spec forecast`: says what of a program breaks or changes on a later RabbitMQ, by its JSON report."""

import sys
from collections.abc import Sequence

from ..errors import SetupError
from ..programs import signals
from ..report import file, forecast
from . import parsers
from .spelling import MISUSED

INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Prints the forecast. Returns 1 if something breaks, 4 if the file is no report with one, and otherwise 0."""
    given = parsers.forecast().parse_args(arguments)
    try:
        report = file.read(given.report, forecast.mistake_in)
    except SetupError as error:
        print(f"spec: {error}", file=sys.stderr)
        return MISUSED
    changes = forecast.upcoming(report, given.to)
    for line in forecast.lines(report, changes, given.to):
        print(line)
    return 1 if forecast.breaks(changes) else 0


if __name__ == "__main__":
    signals.run(main, INTERRUPTED)
