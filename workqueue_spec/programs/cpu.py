"""How much CPU time the processes of a program use, and how much the machine gives to a program."""

import contextlib
import time
from collections.abc import Sequence

import psutil


def cpu_seconds(processes: Sequence[psutil.Process]) -> float:
    """The seconds of CPU time that these processes have used so far, with those of their children that have ended.
    What the system does not tell counts as nothing.
    """
    total = 0.0
    for each in processes:
        with contextlib.suppress(psutil.Error):
            times = each.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def share_of_a_busy_loop(seconds: float) -> float:
    """The share of a core that a busy loop gets now, between 0 and 1. Runs such a loop for that many seconds."""
    began, used = time.monotonic(), time.thread_time()
    while (passed := time.monotonic() - began) < seconds:
        pass
    return min(1.0, (time.thread_time() - used) / passed)
