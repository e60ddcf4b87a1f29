"""One first try of the programs under test, which shows that they can be started at all."""

import contextlib
from collections.abc import Callable, Sequence

import psutil

from ..broker.run import mark_of
from ..errors import SetupError
from ..judgement.history import Event
from ..programs import subject
from ..programs.process import Process
from ..programs.subject import Subject
from ..report.transcript import safe
from ..specification.clauses import Role
from ..timeouts import EVENTUALLY, LEAVES
from .bench import Bench
from .parties import ProducerRun, Request, Worker

_LINES, _COLUMNS = 5, 160
"""The last lines of output that are shown, and the most characters of each."""
_WORD = "hello"


def to_be_tried(tried: Subject) -> list[str]:
    """The roles that are judged and whose program is not the reference's, which need not be tried."""
    reference = subject.reference("classic")
    programs = {
        Role.WORKER: (tried.worker, reference.worker),
        Role.PRODUCER: (tried.producer, reference.producer),
    }
    return [role for role, (its, known) in programs.items() if its != known and role in tried.roles]


def first_try(bench: Bench) -> None:
    """Starts the worker and the producer at the same time. Raises SetupError if one ends and never connected.

    This takes no longer than their starts. A program that connects is not watched further, and one that goes on
    running has its time to start: what it does then, the clauses find out.
    """
    start: dict[str, Callable[[], Worker | ProducerRun]] = {
        "worker": lambda: bench.start_worker(ready=False),
        "producer": lambda: bench.produce(_WORD),
    }
    started = [(role, start[role]()) for role in to_be_tried(bench.subject)]
    for role, program in started:
        if isinstance(program, Request):
            _check_service(bench, program)
        else:
            _check(bench, role, program)


def _check_service(bench: Bench, request: Request) -> None:
    """Raises SetupError if the service was not ready in time, or if it never connects although it was asked."""
    service = request.service

    def connected_or_ended(_: object) -> bool:
        return bool(bench.history.events_of(service.name, "Tap.Connected")) or not service.running

    if not service.was_ready:
        why = (
            f"{service.not_ready} for {bench.subject.start_seconds:g} s after its start (start_seconds)"
            if service.running
            else f"{_ended(service.process)} before it was ready"
        )
        raise SetupError(f"The service cannot be judged: {why}; {_said(service.output)}")
    bench.history.wait(lambda _: connected_or_ended(_) or request.status is not None, EVENTUALLY)
    bench.history.wait(connected_or_ended, LEAVES)  # it may have answered first
    if not bench.history.events_of(service.name, "Tap.Connected"):
        told = "runs still" if request.status is None else _ended(request.process)
        raise SetupError(
            "The service cannot be judged: it was asked for a task and never connected to the broker. "
            f"The producer, which asks it: {told}; {_said(request.output)}"
        )


def _check(bench: Bench, role: str, program: Worker | ProducerRun) -> None:
    def decided(_: Sequence[Event]) -> str:
        of = bench.history.events_of
        return (
            "connected"
            if of(program.name, "Tap.Connected")
            else "ended"
            if of(program.name, "exited")
            else ""
        )

    within = max(0.0, bench.subject.start_seconds - bench.history.now)
    if bench.history.wait(decided, within) != "ended":
        return
    # A launcher may end and leave a child that does the work. What the history has not noted yet comes, too.
    rest = bench.subject.start_seconds if _left_a_child(bench, program) else LEAVES / 10
    if bench.history.wait(lambda _: bench.history.events_of(program.name, "Tap.Connected"), rest):
        return
    raise SetupError(
        f"The {role} cannot be judged: {_ended(program.process)} and never connected to the broker; "
        f"{_said(program.output)}"
    )


def _ended(process: Process) -> str:
    status = process.exit_status(0)
    return f"it ended with {f'status {status}' if status is None or status >= 0 else f'signal {-status}'}"


def _said(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()][-_LINES:]
    said = "".join(f"\n  {safe(line, _COLUMNS)}" for line in lines)
    return f"its last lines:{said}" if said else "it printed nothing."


def _left_a_child(bench: Bench, program: Worker | ProducerRun) -> bool:
    mark = bench.mark_of(program.name)
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if mark_of(process) == mark:
                return True
    return False
