"""`./spec test`: the tests of this project, step by step.

This module uses the standard library only, since it makes the environment for the steps.
"""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from .. import ROOT
from ..programs import environment, signals
from ..programs.variables import for_its_python
from .pytest_arguments import for_pytest, with_tests

_PROCESSES = 5
"""Processes for the workbench's tests: on two cores, two of them waited for half of the time."""
_MUTANTS_AT_ONCE = 8
"""Mutants side by side: one by its own clauses takes 2.5 s of processor time, and 10 s to 20 s altogether."""
_SEED = "1"
"""Which other clause judges a mutant: the same in each run, so that a run tells of the code. `./spec mutants` draws
anew each time."""


def test(arguments: Sequence[str]) -> int:
    """Runs every step, even after one that failed, and prints at the end which steps passed. Returns the status."""
    python = environment.python_with("dev")
    in_brief = ["-m", "workqueue_spec.commands.kill_matrix", "--sample", "1", "--seed", _SEED]
    in_brief += ["--side-by-side", str(_MUTANTS_AT_ONCE), "--report-json", os.devnull]
    workbench = [str(ROOT / "workbench_tests"), f"--numprocesses={_PROCESSES}", "--durations=10"]
    steps: list[tuple[str, list[str], Path]] = [
        ("lint", ["-m", "ruff", "check", "."], ROOT),
        ("format", ["-m", "ruff", "format", "--check", "."], ROOT),
        ("types", ["-m", "mypy"], ROOT),
        ("workflows", ["-m", "workqueue_spec.commands.ci_files"], ROOT),
        ("workbench", ["-m", "pytest", *for_pytest(python, workbench)], ROOT),
        ("mutants", [*in_brief, *_about_the_broker(arguments)], ROOT),
        ("suite on the reference", ["-m", "pytest", *for_pytest(python, with_tests(arguments))], Path.cwd()),
    ]
    child = _Child(python)
    outcomes = []
    for name, arguments_of_step, folder in steps:
        _say(f"\n== {name}")
        began = time.monotonic()
        status = child.run(arguments_of_step, folder)
        outcomes.append((name, status, time.monotonic() - began))
        if child.signalled:
            break
    _say("")
    for name, status, seconds in outcomes:
        _say(f"{'passed' if status == 0 else 'FAILED':<7} {name:<24} {seconds:6.1f} s")
    if child.signalled:
        _say("interrupted; the remaining steps were not run")
        return 128 + child.signalled
    return 1 if any(status for _, status, _ in outcomes) else 0


def _about_the_broker(arguments: Sequence[str]) -> list[str]:
    """The options `--broker` and `--queue-type` among the arguments, with their values."""
    options = ("--broker", "--queue-type")
    chosen: list[str] = []
    for argument, following in itertools.zip_longest(arguments, arguments[1:], fillvalue=""):
        if argument in options:
            chosen += [argument, following]
        elif argument.startswith(tuple(f"{option}=" for option in options)):
            chosen.append(argument)
    return chosen


class _Child:
    """Runs one child process after the other by this Python. A signal does not end this process.

    Ctrl-C reaches the child process from the terminal; TERM is passed on to it. So it can clear up.
    """

    def __init__(self, python: Path) -> None:
        self._python = python
        self.signalled = 0
        self._process: subprocess.Popen[bytes] | None = None
        for number in signals.SIGNALS:
            signal.signal(number, self._note)

    def run(self, arguments: Sequence[str], folder: Path) -> int:
        self._process = subprocess.Popen(
            [str(self._python), *arguments], cwd=folder, env=for_its_python(os.environ, self._python)
        )
        return self._process.wait()

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.signalled = number
        if number != signal.SIGINT and self._process is not None:
            self._process.terminate()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()  # before the output of the next step
