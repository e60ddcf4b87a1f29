"""The groups of rows that can be asked for by name."""

from collections.abc import Callable, Iterator, Sequence

from workqueue_spec.errors import SetupError

from . import acknowledgement, check, clause, clients, connections, containers, judge, matrix, model, tap
from .rows import Given, Row

Measure = Callable[[Given], Iterator[Row]]

MATRIX = "matrix"

GROUPS: dict[str, tuple[str, Measure]] = {
    "tap": ("The wire tap beside a direct connection", tap.measure),
    "connections": ("The wire tap with many connections", connections.measure),
    "clients": ("Workers with prefetch 1, tasks without work", clients.measure),
    "acknowledgement": ("Manual beside automatic acknowledgement", acknowledgement.measure),
    "judge": ("Judging long histories", judge.measure),
    "clause": ("What a clause costs", clause.measure),
    "model": ("The steps of the model", model.measure),
    "containers": ("A container for each test", containers.measure),
    "check": ("`./spec check` beside its irreducible time", check.measure),
    MATRIX: ("The kill matrix", matrix.measure),
}
"""Each group's name, heading and function, in the order in which they are measured."""


def chosen(names: Sequence[str]) -> list[str]:
    """The names without repetition, in the order of the groups; all groups without names.

    Raises SetupError if there is no group of a name.
    """
    if unknown := sorted(set(names) - GROUPS.keys()):
        raise SetupError(f"There is no row {unknown[0]!r}; the rows are {', '.join(GROUPS)}.")
    return [name for name in GROUPS if not names or name in names]


def measured(name: str, given: Given) -> Iterator[Row]:
    """The rows of a group. If the group cannot be measured, its last row says why."""
    heading, measure = GROUPS[name]
    try:
        yield from measure(given)
    except SetupError as error:
        yield Row(heading, why_not=str(error).splitlines()[0])
