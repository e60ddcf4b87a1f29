"""A run from its beginning to its end, after what dead runs left was removed."""

from collections.abc import Iterator
from contextlib import contextmanager

from .run import Run, check_home, dead_runs
from .url import clear_dead_virtual_hosts


@contextmanager
def whole_run() -> Iterator[Run]:
    """A new run, for as long as the block lasts. After it no process, container or folder is left.

    Raises SetupError if the temporary folder cannot be used.
    """
    check_home()
    for dead in dead_runs():
        _clear_containers(dead.name)
        clear_dead_virtual_hosts(dead)
        dead.end()
    run = Run.begin()
    try:
        yield run
    finally:
        run.end()
        _clear_containers(run.name)


def _clear_containers(name: str) -> None:
    from .engine import clear_dead_containers  # noqa: PLC0415 - only the process of the whole run needs it

    clear_dead_containers(name)
