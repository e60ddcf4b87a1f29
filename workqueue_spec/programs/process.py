"""A process of a program under test: it is signalled, watched and killed, and all of that goes into the history."""

import contextlib
import signal
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

import psutil

from ..judgement.history import Event, History
from ..judgement.verdicts import NotJudged
from ..timeouts import EVENTUALLY
from .memory import processes_of

KEPT_OUTPUT = 200_000
KEPT_LINES = 2_000
"""Bytes and lines of a program's output that are kept; later output is read and dropped."""
LAST_WORDS = 2.0
"""Seconds for which output is read after a program's end: a child that it left may keep the pipe open for ever."""


class Running(Protocol):
    """A program that runs: a `ProcessGroup` or a `Container`."""

    @property
    def pid(self) -> int:
        """The id, on this machine, of the process that was started."""

    @property
    def status(self) -> int | None:
        """The exit status; None while it runs."""

    def wait(self) -> int:
        """Waits until it has ended. Returns its exit status."""

    def read(self) -> bytes:
        """The next piece of its output; empty at the end."""

    def signal(self, number: signal.Signals) -> None:
        """Signals it."""

    def end(self) -> None:
        """Kills what is left of it. Its output ends then."""

    def close(self) -> None:
        """Closes its output, when nobody reads it any more."""


class Process:
    """A process under test, whose output, signals and end go into the history."""

    def __init__(
        self,
        who: str,
        history: History,
        start: Callable[[], Running],
        *,
        shown: str,
        mark: str = "",
        by_a_shell: bool = False,
    ) -> None:
        """Starts it. Raises SetupError if it cannot be started.

        `who` is its name in the history; `shown` is its command line for readers, without secrets. `mark` is what
        it carries in its environment.
        """
        self.who = who
        self._history = history
        self._mark = mark
        self.by_a_shell = by_a_shell
        """Whether a shell was started, which starts the program or becomes it (`exec`)."""
        self._output = bytearray()
        self.output_is_cut = False
        """Whether it has written more than is kept."""
        history.add(who, "started", shown)
        self._running = start()
        self._reader = threading.Thread(target=self._read, daemon=True, name=f"{who} output")
        self._watcher = threading.Thread(target=self._watch, daemon=True, name=f"{who} end")
        self._reader.start()
        self._watcher.start()

    @property
    def output(self) -> str:
        """What the program has written so far, to standard output and standard error."""
        return self._output.decode(errors="replace")

    @property
    def pid(self) -> int:
        """The id, on this machine, of the process that was started."""
        return self._running.pid

    @property
    def running(self) -> bool:
        """Whether the process that was started still runs."""
        return self._running.status is None

    def signal(self, number: signal.Signals) -> None:
        """Signals it."""
        self._history.add(self.who, "signal", number.name)
        self._running.signal(number)

    def kill_youngest(self) -> None:
        """Sends SIGKILL to the youngest of its processes: a child, or itself if it has no children. Raises
        NotJudged if it may not.
        """
        with contextlib.suppress(psutil.NoSuchProcess):
            mine = psutil.Process(self.pid)
            youngest = max([mine, *mine.children(recursive=True)], key=lambda each: each.create_time())
            which = "" if youngest == mine else " to its youngest child"
            self._history.add(self.who, "signal", f"{signal.SIGKILL.name}{which}")
            try:
                youngest.kill()
            except psutil.AccessDenied as error:
                raise NotJudged("this user may not signal its processes") from error

    def processes(self) -> list[psutil.Process]:
        """The processes of the program that run now: what was started, and what that has started."""
        return processes_of(self.pid, self._mark)

    def exit_status(self, within: float = EVENTUALLY) -> int | None:
        """The exit status (negative for a signal), as soon as the program has ended.

        None if it has not ended within that number of seconds.
        """

        def ended(events: Sequence[Event]) -> bool:
            return any(event.who == self.who and event.what == "exited" for event in events)

        if not self._history.wait(ended, within):
            return None
        self._reader.join(LAST_WORDS)
        return self._running.status

    def end(self) -> None:
        """Kills what is left of it, and waits for its end."""
        self._running.end()
        self._watcher.join(EVENTUALLY)
        self._reader.join(LAST_WORDS)

    def _read(self) -> None:
        line, recorded = b"", 0
        while chunk := self._running.read():
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
        self._running.close()

    def _record(self, line: bytes) -> None:
        self._history.add(self.who, "output", line.decode(errors="replace").rstrip("\r"))

    def _watch(self) -> None:
        status = self._running.wait()
        self._history.add(self.who, "exited", _ended(status))


def _ended(status: int) -> str:
    if status >= 0:
        return f"with status {status}"
    with contextlib.suppress(ValueError):
        return f"by {signal.Signals(-status).name}"
    return f"by signal {-status}"
