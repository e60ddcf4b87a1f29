"""One run of the suite: its folder, its mark on all it starts, and the sweep of what a dead run left."""

import contextlib
import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import psutil

MARK = "WORKQUEUE_SPEC_RUN"
"""The environment variable that every process started for a run carries, with the run's name as its value.
Children inherit it, so a process that left its group or its parent is found all the same."""


class Run:
    """A folder of the run's own, locked for as long as the run lives.

    The lock is the operating system's, so it goes when the process goes, however it ends. A folder whose
    lock is free therefore belongs to a run that is dead.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name
        self._lock: int | None = None

    @classmethod
    def begin(cls) -> Self:
        """A new run, in a folder that its owner alone can read."""
        home = _home()
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if home.stat().st_uid != os.getuid():
            raise PermissionError(f"{home} belongs to someone else")
        run = cls(home / f"run-{secrets.token_hex(4)}")
        # Locked before it gets its name: no sweep can take a folder that is not locked yet.
        unnamed = Path(tempfile.mkdtemp(prefix=".new-", dir=home))
        run._lock = _lock(unnamed)
        unnamed.rename(run.folder)
        run.temporary.mkdir(mode=0o700)
        return run

    def end(self) -> None:
        """Ends every process that carries the run's mark, and removes the folder."""
        kill_marked(self.name)
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @property
    def temporary(self) -> Path:
        """Where programs and install steps keep their temporary files: many are killed, and clear nothing up."""
        return self.folder / "tmp"

    def environment(self, part: str = "") -> dict[str, str]:
        """The mark, to be set for each process the run starts; a part of the run can have its own."""
        return {MARK: self.mark(part)}

    def mark(self, part: str = "") -> str:
        """What a process of that part is known by; parts of a part follow its name after a slash."""
        return f"{self.name}/{part}"


def dead_runs() -> Iterator[Run]:
    """The runs that were killed before they could clear up, each locked while the caller deals with it."""
    for folder in sorted(_home().glob("run-*")):
        run = Run(folder)
        try:
            run._lock = _lock(folder)
        except OSError:
            continue
        yield run


def kill_marked(run_name: str, part: str = "") -> None:
    """Kills every process with the mark of the run, or of that part of it, and waits until it is gone.

    Looks again until there is none, since a process may fork while it is being looked for.
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
    """The mark that it carries; empty where it has none, or is none of ours to look into."""
    try:
        return "" if process.status() == psutil.STATUS_ZOMBIE else process.environ().get(MARK, "")
    except (psutil.Error, OSError):
        return ""


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
