"""How each fault of a storm begins, and how it ends."""

import contextlib
import random
import signal
from collections.abc import Callable
from functools import partial

from ...wiretap import LinkFault, Side, Tap
from ..bench import Bench
from ..broker_settings import out_of_memory
from ..faults import cut_at_the_confirm, silent_at_the_confirm
from ..parties import SUPERVISORS_GRACE, Worker
from ..setting import Faults
from .nodes import strike_nodes
from .schedule import OF_NODES, Fault, FaultKind

End = Callable[[], object]
"""Ends a fault that lasts."""

_JITTER = 0.3
"""The most seconds by which a segment is late on a connection that is delayed: a bad mobile network's."""
_BANDWIDTH = 1000.0, 4000.0
"""Bytes in a second on a connection that is slowed: a connection is opened in a second or two."""


def strike_worker(fault: Fault, worker: Worker) -> tuple[End, float]:
    """Begins a fault of a worker. Returns what ends it, and after how many seconds."""
    ends: dict[FaultKind, Callable[[], End]] = {
        FaultKind.KILLED: partial(_kill, worker),
        FaultKind.TERMINATED: partial(_terminate, worker),
        FaultKind.STOPPED: partial(_stop, worker),
        FaultKind.CUT: partial(_cut, worker.tap),
        FaultKind.RESET: partial(_cut, worker.tap, reset=True),
        FaultKind.SILENT: partial(_silence, worker.tap),
        FaultKind.DELAYED: partial(_delay, worker.tap, fault.number),
        FaultKind.SLOWED: partial(_slow, worker.tap, fault.number),
    }
    end = ends[fault.kind]()
    return end, SUPERVISORS_GRACE if fault.kind is FaultKind.TERMINATED else fault.seconds


def at_the_confirm(fault: Fault) -> Faults:
    """A fault of a producer, to be installed on its tap before it publishes."""
    if fault.kind is FaultKind.CONFIRM_SILENT:
        return silent_at_the_confirm(fault.seconds)
    return cut_at_the_confirm(reset=True)


def strike_broker(fault: Fault, bench: Bench) -> End:
    """Makes a fault of the broker. Returns what ends it; only the memory alarm is not over when this returns."""
    if fault.kind is FaultKind.RESTARTED:
        bench.restart_application()
    elif fault.kind is FaultKind.CRASHED:
        bench.kill_broker()
    elif fault.kind in OF_NODES:
        strike_nodes(fault, bench)
    else:
        alarm = contextlib.ExitStack()
        alarm.enter_context(out_of_memory(bench.broker))
        return alarm.close
    return _nothing


def _nothing() -> None:
    """Ends a fault that is only a moment."""


def _kill(worker: Worker) -> End:
    worker.kill()
    return _nothing


def _terminate(worker: Worker) -> End:
    worker.terminate()
    return lambda: worker.kill() if worker.process.running else None


def _stop(worker: Worker) -> End:
    worker.process.signal(signal.SIGSTOP)
    return lambda: worker.process.signal(signal.SIGCONT)


def _cut(tap: Tap, *, reset: bool = False) -> End:
    tap.cut(reset=reset)
    return _nothing


def _silence(tap: Tap) -> End:
    tap.black_hole()

    def end() -> None:
        tap.restore()
        tap.cut(reset=True)

    return end


def _delay(tap: Tap, seed: int) -> End:
    late = random.Random(seed)
    return _met_by(tap, LinkFault(frozenset(Side), delay=lambda: late.uniform(0.0, _JITTER)))


def _slow(tap: Tap, seed: int) -> End:
    return _met_by(tap, LinkFault(frozenset(Side), bandwidth=random.Random(seed).uniform(*_BANDWIDTH)))


def _met_by(tap: Tap, fault: LinkFault) -> End:
    tap.link_fault(lambda _: fault, open_too=True)
    return lambda: tap.link_fault(lambda _: None, open_too=True)
