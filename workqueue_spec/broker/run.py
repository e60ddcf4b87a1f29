"""One run of the suite: its folder, its mark on the processes that it starts, and what dead runs left."""

import contextlib
import fcntl
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import psutil

from ..errors import SetupError

MARK = "WORKQUEUE_SPEC_RUN"
"""The environment variable that every process of a run carries; its value begins with the run's name. Child
processes inherit it, so that a process which left its process group or its parent is found, too."""


class Run:
    """A run with a folder of its own, which is locked until the run ends.

    The operating system keeps the lock, so the lock ends with the process, however it ends. A folder whose lock is
    free therefore belongs to a dead run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name
        self._lock: int | None = None

    @classmethod
    def begin(cls) -> Self:
        """A new run, in a folder that only its owner can read. Raises SetupError if the folder cannot be made, or
        could be changed by others.
        """
        run = cls(_home() / f"run-{secrets.token_hex(4)}")
        # Locked before it gets its name: otherwise `dead_runs` of another process could take it for a dead run.
        unnamed = _new_folder()
        run._lock = _lock(unnamed)
        unnamed.rename(run.folder)
        run.temporary.mkdir(mode=0o700)
        return run

    def end(self) -> None:
        """Kills every process that carries the run's mark, and removes the folder."""
        kill_marked(self.name)
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        with contextlib.suppress(OSError):  # another run has its folder there
            _home().rmdir()

    @property
    def temporary(self) -> Path:
        """The folder for temporary files of programs and install steps: many of them are killed and leave files."""
        return self.folder / "tmp"

    def environment(self, part: str = "") -> dict[str, str]:
        """The variable to set for each process that the run starts, or that a part of the run starts."""
        return {MARK: self.mark(part)}

    def mark(self, part: str = "") -> str:
        """The mark of the processes of that part. A part of a part is written after a slash: `bench/worker 1`."""
        return f"{self.name}/{part}"


def check_home() -> None:
    """Makes the folder in which all runs of this user have theirs. Raises SetupError if it cannot be trusted."""
    home = _home()
    other = "set TMPDIR to a folder of your own"
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = home.lstat()
    except OSError as error:
        raise SetupError(f"The folder {home} cannot be made ({error.strerror}); {other}.") from error
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.getuid():
        raise SetupError(f"The folder {home} belongs to another user, or is a link; {other}.")
    if state.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise SetupError(
            f"Other users may change the folder {home}; run `chmod 700 {home}` if you trust it, or {other}."
        )


def dead_runs() -> Iterator[Run]:
    """The runs that were killed before they could clear up. Each is locked, so that only the caller handles it."""
    for folder in sorted(_home().glob("run-*")):
        run = Run(folder)
        try:
            run._lock = _lock(folder)
        except OSError:
            continue
        yield run


def kill_marked(run_name: str, part: str = "") -> None:
    """Kills every process with the mark of the run, or of that part of the run, and waits until it has ended.

    Searches again until it finds none, at most ten times, since a process may fork during the search.
    """
    mark = f"{run_name}/{part}/" if part else f"{run_name}/"
    for _ in range(10):
        others = [process for process in psutil.process_iter() if process.pid != os.getpid()]
        found = [process for process in others if f"{mark_of(process)}/".startswith(mark)]
        if not found:
            return
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(found, timeout=5)


def mark_of(process: psutil.Process) -> str:
    """The mark that the process carries; empty if it has none, has ended, or may not be inspected."""
    try:
        return process.environ().get(MARK, "")
    except (psutil.Error, OSError):
        return ""


def _new_folder() -> Path:
    while True:
        check_home()
        with contextlib.suppress(FileNotFoundError):  # another run has just ended, and removed the empty home
            return Path(tempfile.mkdtemp(prefix=".new-", dir=_home()))


def _home() -> Path:
    return Path(tempfile.gettempdir()) / f"workqueue-spec-{os.getuid()}"


def _lock(folder: Path) -> int:
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle
