"""The CPU time of processes."""

import subprocess
import sys

import psutil

from workqueue_spec.programs.cpu import cpu_seconds, share_of_a_busy_loop

BUSY = "import time\nwhile time.process_time() < 0.3: pass"
PARENT = """
import subprocess, sys
subprocess.run([sys.executable, "-c", sys.argv[1]], check=True)
print("ready", flush=True)
sys.stdin.read()
"""


def used_after(of_its_child: str) -> float:
    """The CPU time of a process whose child has run this program, and has ended."""
    command = [sys.executable, "-c", PARENT, of_its_child]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "ready\n"
        return cpu_seconds([psutil.Process(parent.pid)])


def test_the_cpu_time_of_a_child_that_has_ended_counts() -> None:
    assert used_after(BUSY) - used_after("") > 0.2


def test_a_process_that_has_ended_uses_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        process = psutil.Process(child.pid)
    assert cpu_seconds([process]) == 0


def test_a_busy_loop_gets_a_share_of_a_core() -> None:
    assert 0 < share_of_a_busy_loop(0.05) <= 1
