"""Starts runs of the suite as processes, and finds what they leave behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

from workqueue_spec import ROOT
from workqueue_spec.broker.run import MARK

LONG_ENOUGH = 100.0
"""Seconds that a run may take on a busy machine."""


_AS_ENTRY_DOES = """\
import os, sys
from workqueue_spec.programs import signals
signals.hold_back()
print("begins", flush=True)
os.execv(sys.executable, [sys.executable, "-m", "workqueue_spec.commands.check", *sys.argv[1:]])
"""


def begin_check(folder: Path, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
    """Starts a run on a local node as `./spec check` does in its environment, and waits until it begins."""
    run = subprocess.Popen(
        [sys.executable, "-c", _AS_ENTRY_DOES, "spec_tests", "--broker", "local", *arguments],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder), "XDG_CACHE_HOME": _cache(), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "begins\n"
    return run


_RUN = ("pytest", "spec_tests", "-p", "no:cacheprovider", "--broker", "local")


def begin(folder: Path, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
    """Starts a run on a local node, in a new process group."""
    return _begin(folder, [*_RUN, *arguments], variables)


def begin_on_a_terminal(folder: Path, terminal: int, *arguments: str) -> "subprocess.Popen[str]":
    """The same, with a terminal for its input and output."""
    return _begin(folder, [*_RUN, *arguments], {}, terminal)


def begin_module(folder: Path, module: str, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
    """Starts one of the modules behind `./spec`, on local nodes and in a new process group."""
    return _begin(folder, [module, "--broker", "local", *arguments], variables)


def _begin(
    folder: Path, module: list[str], variables: Mapping[str, str], terminal: int | None = None
) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", *module],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder), "XDG_CACHE_HOME": _cache(), **variables},
        stdin=terminal,
        stdout=subprocess.PIPE if terminal is None else terminal,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def interrupt(run: "subprocess.Popen[str]", number: signal.Signals) -> str:
    """Sends the signal and returns the run's output. SIGINT goes to its whole process group, as from a terminal."""
    if number is signal.SIGINT:
        os.killpg(run.pid, number)
    else:
        run.send_signal(number)
    return run.communicate(timeout=LONG_ENOUGH)[0]


def _cache() -> str:
    return os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))


def run_processes(folder: Path) -> list[psutil.Process]:
    """The processes that runs in this folder have started and that still run."""
    found = []
    for process in psutil.process_iter():
        try:
            environment = process.environ() if process.status() != psutil.STATUS_ZOMBIE else {}
        except psutil.Error:
            continue
        if MARK in environment and Path(environment.get("TMPDIR", "")).is_relative_to(folder):
            found.append(process)
    return found


def wait_for_process(run: "subprocess.Popen[str]", folder: Path, text: str) -> None:
    """Waits until a process of the runs in this folder has the text in its command line."""
    deadline = time.monotonic() + LONG_ENOUGH
    while not any(text in _command(process) for process in run_processes(folder)):
        assert run.poll() is None, run.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def run_folders(folder: Path) -> list[Path]:
    """The folders that runs have made in this folder and not removed."""
    return list(folder.glob("workqueue-spec-*/run-*"))
