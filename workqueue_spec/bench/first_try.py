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
    service, kind = request.service, bench.subject.service
    if not service.was_ready:
        shown = service.process.output
        if not service.running:
            raise SetupError(
                f"The service cannot be judged: {_ended(service.process)} before it was ready; {_said(shown)}"
            )
        sign = (
            "nothing listens on {service_port}"
            if kind is None or not (kind.ready_url or kind.ready_line)
            else f"{kind.ready_url} does not answer"
            if kind.ready_url
            else "no line of its output has ready_line"
        )
        raise SetupError(
            f"The service cannot be judged: {sign} {bench.subject.start_seconds:g} s after its start; "
            f"start_seconds in its profile is that time; {_said(shown)}"
        )

    def decided(_: object) -> bool:
        of = bench.history.events_of
        return bool(of(service.name, "Tap.Connected")) or not service.running

    bench.history.wait(lambda _: decided(_) or bench.history.events_of(request.name, "exited"), EVENTUALLY)
    # A service may answer, and connect only then.
    bench.history.wait(decided, LEAVES)
    if not bench.history.events_of(service.name, "Tap.Connected"):
        ended = _ended(request.process) if request.status is not None else "it still runs"
        raise SetupError(
            f"The service cannot be judged: it never connected to the broker. The producer, which asks it for a "
            f"task: {ended}; {_said(request.output)}"
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
