"""Child processes of a benchmark: they carry the run's mark, and none is left."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil

from workqueue_spec import ROOT
from workqueue_spec.broker.run import Run
from workqueue_spec.errors import SetupError

SECONDS_TO_END = 5.0


def environment(run: Run, tree: Path = ROOT) -> dict[str, str]:
    """The variables of a child that imports the workbench from that tree."""
    return {**os.environ, **run.environment("benchmarks"), "PYTHONPATH": str(tree)}


@contextlib.contextmanager
def running(
    command: Sequence[str],
    run: Run,
    *,
    tree: Path = ROOT,
    folder: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> Iterator["subprocess.Popen[str]"]:
    """The process, with its input and output; ended when the block is left.

    It leads a session of its own, so Ctrl-C reaches this process only. `variables` replace those of
    `environment`.
    """
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        errors="replace",
        cwd=folder,
        env=environment(run, tree) if variables is None else dict(variables),
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            end(process)


def end(process: "subprocess.Popen[str]") -> None:
    """Ends the process by SIGTERM, or by SIGKILL if that does not help."""
    process.terminate()
    try:
        process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()


def output(command: Sequence[str], run: Run, *, tree: Path = ROOT) -> str:
    """What the command prints. Raises SetupError, with its last line, if it fails."""
    with running_to_its_end(command, run, tree) as process:
        said, errors = process.communicate()
    if process.returncode:
        last = (errors.strip().splitlines() or ["no output"])[-1]
        raise SetupError(f"{' '.join(command[:4])} failed with status {process.returncode}: {last}")
    return said


@contextlib.contextmanager
def running_to_its_end(command: Sequence[str], run: Run, tree: Path) -> Iterator["subprocess.Popen[str]"]:
    """The process, whose output and errors can be read; killed if the block is left early."""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env=environment(run, tree),
        start_new_session=True,
    ) as process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise


def module(name: str, *arguments: str) -> list[str]:
    """The command line that runs a module of this folder."""
    return [sys.executable, "-m", f"benchmarks.{name}", *arguments]


def cpu_seconds(process: psutil.Process) -> float:
    """The processor time of a process and its children so far, those that have ended included."""
    times = process.cpu_times()
    own = times.user + times.system + times.children_user + times.children_system
    for child in process.children():
        with contextlib.suppress(psutil.Error):
            own += cpu_seconds(child)
    return own


def memory(pid: int) -> tuple[float, float]:
    """The memory that a process has now, and the most that it has had, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    values = dict(line.split(":", 1) for line in lines)
    now, most = (int(values[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return now, most


def stopwatch() -> float:
    """Seconds of a clock that only goes forward."""
    return time.perf_counter()
