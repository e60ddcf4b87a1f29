"""A run from its beginning to its end, with what dead ones left cleared away before."""

from collections.abc import Iterator
from contextlib import contextmanager

from . import clear_dead_containers, clear_dead_virtual_hosts
from .run import Run, dead_runs


@contextmanager
def whole_run() -> Iterator[Run]:
    """A new run. In the end nothing is left of it: no process, no container, no folder."""
    for dead in dead_runs():
        clear_dead_containers(dead.name)
        clear_dead_virtual_hosts(dead)
        dead.end()
    run = Run.begin()
    try:
        yield run
    finally:
        run.end()
        clear_dead_containers(run.name)
