"""How long the whole kill matrix took, from its report: it takes most of an hour, so it is not run here."""

import json
from collections.abc import Iterator
from pathlib import Path

from workqueue_spec.commands.kill_matrix.mutant import mutants
from workqueue_spec.errors import SetupError

from .rows import Given, Row, at_most

BEFORE = 94
"""Minutes of the whole matrix of one queue type, before it was made faster."""


def measure(given: Given) -> Iterator[Row]:
    """The minutes of the matrix whose report was given."""
    if given.matrix is None:
        why = "it takes most of an hour: run ./spec mutants, then give its report by --matrix mutants.json"
        yield Row("kill matrix", f"{BEFORE} min before", unit="min", goal=at_most(40), why_not=why)
        return
    queue_type, programs, seconds = read(given.matrix)
    note = f"{programs} of {len(list(mutants(queue_type)))} mutants and equivalents"
    what = f"kill matrix, {queue_type} queues"
    yield Row(
        what,
        f"{BEFORE} min before",
        (seconds / 60,),
        "min",
        at_most(40),
        note=note,
    )


def read(file: Path) -> tuple[str, int, float]:
    """The queue type, the number of mutants and equivalents, and the seconds. Raises SetupError.

    A matrix of some clauses, or of a sample, is refused: its seconds are no whole matrix's.
    """
    try:
        report = json.loads(file.read_text(encoding="utf-8"))
        queue_type, seconds = str(report["queue_type"]), float(report["seconds"])
        programs = len(report["mutants"]) + len(report["equivalents"])
        partial = report["sample"] is not None or report["clauses"] is not None
    except OSError as error:
        raise SetupError(f"The matrix {file} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SetupError(f"The matrix {file} is no report of ./spec mutants.") from error
    if partial:
        raise SetupError(
            f"The matrix {file} is not of all clauses; run ./spec mutants without --clauses and --sample."
        )
    return queue_type, programs, seconds
