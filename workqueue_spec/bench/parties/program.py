"""A program under test that runs: its signals, its output and its end."""

import signal

from ...judgement.history import Event, History
from ...judgement.verdicts import Broken, Kind, Moment, NotJudged
from ...programs.process import KEPT_LINES, KEPT_OUTPUT, LAST_WORDS, Process
from ...timeouts import EVENTUALLY, POLL
from ...wiretap import Tap
from .party import Party

SUPERVISORS_GRACE = 10.0
"""Seconds between SIGTERM and SIGKILL, as in `docker stop`; Kubernetes gives thirty."""


class Program(Party):
    """One process of a program under test."""

    def __init__(self, process: Process, tap: Tap, history: History, seconds_per_dot: float) -> None:
        super().__init__(process.who, tap, history, seconds_per_dot)
        self.process = process

    @property
    def output(self) -> str:
        """What it has written so far, to standard output and standard error."""
        return self.process.output

    def interrupt(self) -> None:
        """Sends SIGINT, as Ctrl-C does."""
        self.process.signal(signal.SIGINT)

    def terminate(self) -> None:
        """Sends SIGTERM, as a supervisor does."""
        self.process.signal(signal.SIGTERM)

    def kill(self) -> None:
        """Sends SIGKILL, and waits until the process has ended."""
        self.process.signal(signal.SIGKILL)
        self.exit_status()

    def is_stopped_by_a_supervisor(self, by: signal.Signals = signal.SIGTERM) -> None:
        """Sends this signal, and SIGKILL if the process has not ended after `SUPERVISORS_GRACE` seconds."""
        self.process.signal(by)
        if self.process.exit_status(SUPERVISORS_GRACE) is None:
            self.kill()
        else:
            self.exit_status()

    def exit_status(self, within: float = EVENTUALLY) -> int:
        """Waits until the process has ended and its connections are closed at the tap. Returns its exit status;
        raises Broken if it still runs after `within` seconds.
        """
        status = self.process.exit_status(within)
        if status is None:
            hint = "; a shell starts it: let the shell do so by `exec`, so that signals reach the program"
            seen = f"still running after {within:.0f} s{hint if self.process.by_a_shell else ''}"
            raise Broken(f"{self.name} ends", seen)
        self._connections_end()
        return status

    def _connections_end(self) -> None:
        # When the last end of a connection closes, no event tells it: so this looks again.
        deadline = self.history.now + LAST_WORDS
        while self.tap.connections and self.history.now < deadline:
            self.history.wait(lambda _: self.tap.connections == 0, POLL)

    def leaves(self) -> tuple[int, float]:
        """Waits until the process has ended. Returns its exit status, and the seconds since its last signal."""
        status = self.exit_status()
        return status, self.is_gone()

    def is_gone(self, work: float = 0.0) -> float:
        """Waits until the process has ended. Returns the seconds from its last signal to its end; raises Broken if
        it still runs. It may take `work` seconds longer than anything usually may. This does not wait until its
        connections are closed at the tap.
        """
        within = EVENTUALLY + work
        if self.process.exit_status(within) is None:
            raise Broken(f"{self.name} ends", f"still running after {within:.0f} s")
        signalled = max(event.at for event in self._events() if event.what == "signal")
        return max(event.at for event in self._events() if event.what == "exited") - signalled

    def runs_on(self, seconds: float) -> None:
        """Watches for `seconds`. Raises Broken if the process ends."""
        if ended := self.history.wait(lambda _: self._end(), seconds):
            decided_by = Moment(self.name, ended.at, ended.what)
            raise Broken(f"{self.name} goes on running", f"it ended {ended.text}", decided_by, Kind.STATUS)

    def output_lines(self) -> list[str]:
        """The lines of its output so far. Raises NotJudged if it has written more than is kept."""
        if self.process.output_is_cut:
            raise NotJudged(f"{self.name} writes more than {KEPT_OUTPUT} bytes or {KEPT_LINES} lines")
        return [event.text for event in self._events() if event.what == "output"]

    def _events(self) -> list[Event]:
        return [event for event in self.history.events if event.who == self.name]
