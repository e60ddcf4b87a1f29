"""What has to be done before a program under test can be run: its packages, and its own install steps."""

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
"""Seconds that one step may take. It fetches and builds on a first run; after that there is little to do."""
_TOLD = 15
"""Lines of a failed step's output that are shown: the last ones tell most."""
_LINE = 200
"""Bytes of a line that are kept: a step may write without end, and without a line's end."""
_PART = "install"


def install(subject: Subject, run: Run) -> None:
    """Does all of it, and leaves no process behind. Raises SetupError where it fails.

    Another run that installs in the same folder is waited for.
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
    # The folder itself is locked, so that no file is left in it.
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
    lines: deque[bytes] = deque(maxlen=_TOLD)
    # A child that a step left behind holds the pipe open, so the reader is not waited for without a limit.
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
        said = "".join(f"\n  {safe(line.decode(errors='replace'), _LINE)}" for line in list(lines))
        raise SetupError(f"The install step '{shown}' {ended}{'; its last lines:' if said else '.'}{said}")


def _keep_last(stream: IO[bytes], lines: deque[bytes]) -> None:
    whole = True
    while piece := stream.readline(_LINE):
        if whole and piece.strip():
            lines.append(piece.rstrip())
        whole = piece.endswith(b"\n")
