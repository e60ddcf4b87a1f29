"""Installs what a program under test needs: its Python packages, and what its own install steps make."""

import contextlib
import fcntl
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ..broker.run import Run, kill_marked
from ..errors import SetupError
from ..report.transcript import safe
from .command import Command
from .subject import Subject

LONGEST = 600.0
"""Seconds that one install step may take. The first run downloads and builds; later runs have little to do."""
_SHOWN_LINES = 15
"""Lines of a failed step's output that are shown: the last ones, since they tell most."""
_LINE = 200
"""Bytes of a line that are kept: a step may write without end, and without ending a line."""
_PART = "install"


def install(subject: Subject, run: Run) -> None:
    """Provides the subject's requirements and does its install steps. No process is left.

    Waits for another run that installs in the same folder. Raises SetupError if a step fails.
    """
    temporary, marked = {"TMPDIR": str(run.temporary)}, run.environment(_PART)
    if subject.requirements is not None:
        subject.requirements.provide({**temporary, **marked})
    if not subject.install:
        return
    environment = {**subject.variables_to_install(**temporary), **marked}
    with _alone(subject.install[0].folder):
        for step in subject.install:
            try:
                _do(step, environment)
            finally:
                kill_marked(run.name, _PART)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keeps other runs from installing in the folder. Locks the folder itself, so that no file is left in it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write(f"Waiting for another run that installs in {folder} ...\n")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _do(step: Command, environment: dict[str, str]) -> None:
    shown = " ".join(step.parts)
    try:
        process = subprocess.Popen(
            step.parts,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=step.folder,
            env=environment,
            start_new_session=True,
        )
    except OSError as error:
        raise SetupError(f"The install step '{shown}' cannot be started: {error.strerror}.") from error
    assert process.stdout is not None
    lines: deque[bytes] = deque(maxlen=_SHOWN_LINES)
    # A child process that the step left behind keeps the pipe open, so there is a limit to waiting for the reader.
    reader = threading.Thread(target=_keep_last, args=(process.stdout, lines), daemon=True)
    reader.start()
    try:
        status: int | None = process.wait(LONGEST)
    except subprocess.TimeoutExpired:
        status = None
    finally:
        process.kill()
        process.wait()
    if status != 0:
        reader.join(1)
        ended = f"did not end within {LONGEST:.0f} s" if status is None else f"failed with status {status}"
        output = "".join(f"\n  {safe(line.decode(errors='replace'), _LINE)}" for line in list(lines))
        raise SetupError(
            f"The install step '{shown}' {ended}{'; its last lines:' if output else '.'}{output}"
        )


def _keep_last(stream: IO[bytes], lines: deque[bytes]) -> None:
    """Keeps the beginning of each line that is not empty."""
    whole = True
    while piece := stream.readline(_LINE):
        if whole and piece.strip():
            lines.append(piece.rstrip())
        whole = piece.endswith(b"\n")
