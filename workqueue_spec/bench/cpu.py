"""The CPU time of a worker under test, measured while it has nothing to do."""

from ..judgement.verdicts import NotJudged, Verdict
from ..judgement.verdicts.idling import CpuTime, is_idle
from ..programs.cpu import cpu_seconds, share_of_a_busy_loop
from ..programs.memory import is_connected
from .parties import Worker

WINDOW = 1.0
"""Seconds of one measurement. Systems count CPU time in steps of 0.01 s, or one percent of this."""
WINDOWS = 10
"""How often is measured at most. A Java virtual machine (OpenJDK 17) is idle in the first; a larger
program may compile for longer."""
COMPARED = 0.2
"""Seconds for which the suite runs a busy loop of its own before each measurement: many times the slice of some
milliseconds that a system gives to one program at a time."""


def idle_cpu_time(worker: Worker) -> Verdict:
    """Whether the worker, which has nothing to do, is idle. Measures until it is, at most WINDOWS times.

    Raises NotJudged if its processes are not found on this machine, or if it ends.
    """
    if not is_connected(worker.process.processes(), worker.tap.port):
        raise NotJudged("its processes are not found on this machine")
    measured: list[CpuTime] = []
    while len(measured) < WINDOWS and not is_idle(measured):
        possible = share_of_a_busy_loop(COMPARED)
        began, before = worker.history.now, cpu_seconds(worker.process.processes())
        worker.history.wait(lambda _: not worker.process.running, WINDOW)
        if not worker.process.running:
            raise NotJudged("it ends while it has nothing to do")
        used = cpu_seconds(worker.process.processes()) - before
        measured.append(CpuTime(used / (worker.history.now - began), possible))
    return is_idle(measured)
