"""Runs of the suite as processes, and what is left of them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from workqueue_spec import ROOT
from workqueue_spec.broker.run import MARK

LONG_ENOUGH = 100.0
"""Seconds for a run on a busy machine."""


def begin(place: Path, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
    """Starts a run on a local node, in a process group of its own."""
    return begin_module(place, "pytest", "spec_tests", "-p", "no:cacheprovider", *arguments, **variables)


def begin_module(place: Path, module: str, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
    """Starts one of the modules behind `./spec`, on local nodes and in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", module, "--broker", "local", *arguments],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(place), "XDG_CACHE_HOME": _cache(), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def interrupted(run: "subprocess.Popen[str]", number: signal.Signals) -> str:
    """What a run prints that gets this signal: SIGINT with its whole group, as from a terminal, others alone."""
    if number is signal.SIGINT:
        os.killpg(run.pid, number)
    else:
        run.send_signal(number)
    return run.communicate(timeout=LONG_ENOUGH)[0]


def _cache() -> str:
    return os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))


def marked(place: Path) -> list[psutil.Process]:
    """The processes that runs in this place have started and that are still there."""
    found = []
    for process in psutil.process_iter():
        try:
            environment = process.environ() if process.status() != psutil.STATUS_ZOMBIE else {}
        except psutil.Error:
            continue
        if MARK in environment and Path(environment.get("TMPDIR", "")).is_relative_to(place):
            found.append(process)
    return found


def when(run: "subprocess.Popen[str]", place: Path, text: str) -> None:
    """Waits until a process whose command line holds the text runs in that place."""
    deadline = time.monotonic() + LONG_ENOUGH
    while not any(text in _command(process) for process in marked(place)):
        assert run.poll() is None, run.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def folders(place: Path) -> list[Path]:
    return list(place.glob("workqueue-spec-*/run-*"))
