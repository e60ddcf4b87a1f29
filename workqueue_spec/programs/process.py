"""A process of a program under test: it is started, signalled, watched and killed."""

import contextlib
import os
import pty
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from ..broker.run import MARK, kill_marked
from ..errors import SetupError
from ..judgement.history import Event, History
from ..timeouts import EVENTUALLY
from .command import SHELLS
from .memory import processes_of

KEPT_OUTPUT = 200_000
KEPT_LINES = 2_000
"""Bytes and lines of a program's output that are kept; later output is read and dropped."""
LAST_WORDS = 2.0
"""Seconds for which output is read after a program's end: a child that it left may keep the pipe open for ever."""


class Process:
    """A process in a group and session of its own, whose output, signals and end go into the history."""

    def __init__(
        self,
        who: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        history: History,
        *,
        shown: str = "",
        terminal: bool = False,
        held_open: bool = False,
    ) -> None:
        """Starts the command. Raises SetupError if it cannot be started.

        `who` is its name in the history; `shown` is its command line for readers, without secrets. Its standard
        input is empty, or with `held_open` a pipe to which nothing is written, or with `terminal` the
        pseudo-terminal to which its output goes.
        """
        self.who = who
        self._history = history
        self.by_a_shell = Path(command[0]).name in SHELLS
        """Whether a shell was started, which starts the program or becomes it (`exec`)."""
        run, _, part = environment.get(MARK, "").partition("/")
        self._mark = (run, part) if run and part else None  # whose processes are this program's
        self._output = bytearray()
        self.output_is_cut = False
        """Whether it has written more than is kept."""
        ours, theirs = pty.openpty() if terminal else os.pipe()
        self._input: int | None = None
        their_input: int | None = None
        if held_open:
            their_input, self._input = os.pipe()
        history.add(who, "started", shown or " ".join(command))
        try:
            self._process = subprocess.Popen(
                command,
                stdin=theirs if terminal else subprocess.DEVNULL if their_input is None else their_input,
                stdout=theirs,
                stderr=theirs,
                cwd=folder,
                env=dict(environment),
                start_new_session=True,
            )
        except OSError as error:
            os.close(ours)
            self._close_input()
            raise SetupError(f"Cannot start {command[0]!r} in {folder}: {error.strerror}.") from error
        finally:
            os.close(theirs)
            if their_input is not None:
                os.close(their_input)
        self._reader = threading.Thread(target=self._read, args=(ours,), daemon=True, name=f"{who} output")
        self._watcher = threading.Thread(target=self._watch, daemon=True, name=f"{who} end")
        self._reader.start()
        self._watcher.start()

    @property
    def output(self) -> str:
        """What the program has written so far, to standard output and standard error."""
        return self._output.decode(errors="replace")

    @property
    def pid(self) -> int:
        """The id of the process that was started; it leads the process group."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process that was started still runs."""
        return self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Signals the whole process group, since launchers such as npm leave the work to child processes."""
        self._history.add(self.who, "signal", number.name)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)
        if number is signal.SIGKILL and self._mark:
            # A supervisor such as honcho starts its children in groups of their own.
            kill_marked(*self._mark)

    def kill_youngest(self) -> None:
        """Sends SIGKILL to the youngest of its processes: a child, or itself if it has no children."""
        with contextlib.suppress(psutil.Error):
            mine = psutil.Process(self._process.pid)
            youngest = max([mine, *mine.children(recursive=True)], key=lambda each: each.create_time())
            which = "" if youngest == mine else " to its youngest child"
            self._history.add(self.who, "signal", f"{signal.SIGKILL.name}{which}")
            youngest.kill()

    def processes(self) -> list[psutil.Process]:
        """The processes of the program that run now: what was started, and what that has started."""
        return processes_of(self.pid, "/".join(self._mark or ()))

    def exit_status(self, within: float = EVENTUALLY) -> int | None:
        """The exit status (negative for a signal), as soon as the program has ended.

        None if it has not ended within that number of seconds.
        """

        def ended(events: Sequence[Event]) -> bool:
            return any(event.who == self.who and event.what == "exited" for event in events)

        if not self._history.wait(ended, within):
            return None
        self._reader.join(LAST_WORDS)
        return self._process.returncode

    def end(self) -> None:
        """Kills what is left of the process group, and waits for its end."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._watcher.join(EVENTUALLY)
        self._reader.join(LAST_WORDS)
        self._close_input()

    def _close_input(self) -> None:
        if self._input is not None:
            os.close(self._input)
            self._input = None

    def _read(self, handle: int) -> None:
        line, recorded = b"", 0
        with os.fdopen(handle, "rb", buffering=0) as stream:
            # A pseudo-terminal whose last writer has ended gives an error, not an end of file.
            with contextlib.suppress(OSError):
                while chunk := stream.read(65536):
                    if self.output_is_cut:
                        continue
                    self._output += chunk
                    *lines, line = (line + chunk).split(b"\n")
                    for each in lines[: KEPT_LINES - recorded]:
                        self._record(each)
                    recorded += len(lines)
                    self.output_is_cut = recorded > KEPT_LINES or len(self._output) > KEPT_OUTPUT
            if line:
                self._record(line)

    def _record(self, line: bytes) -> None:
        self._history.add(self.who, "output", line.decode(errors="replace").rstrip("\r"))

    def _watch(self) -> None:
        status = self._process.wait()
        self._history.add(self.who, "exited", _ended(status))


def _ended(status: int) -> str:
    if status >= 0:
        return f"with status {status}"
    with contextlib.suppress(ValueError):
        return f"by {signal.Signals(-status).name}"
    return f"by signal {-status}"
