"""A program under test, behind its tap."""

import signal

from ...judgement.history import History
from ...judgement.verdicts import Broken
from ...programs.process import LAST_WORDS, Process
from ...timeouts import EVENTUALLY
from ...wiretap import Tap
from .party import Party


class Program(Party):
    """A program under test that runs."""

    def __init__(self, process: Process, tap: Tap, history: History, seconds_per_dot: float) -> None:
        super().__init__(process.who, tap, history, seconds_per_dot)
        self.process = process

    def interrupt(self) -> None:
        """SIGINT, as Ctrl-C sends it."""
        self.process.signal(signal.SIGINT)

    def terminate(self) -> None:
        """SIGTERM, as a supervisor sends it."""
        self.process.signal(signal.SIGTERM)

    def exit_status(self, within: float = EVENTUALLY) -> int:
        """Its exit status, once it has ended and its tap has seen the last of it; broken if it runs on."""
        status = self.process.exit_status(within)
        if status is None:
            raise Broken(f"{self.who} ends", f"still running after {within:.0f} s")
        self.history.wait(lambda _: self.tap.connections == 0, LAST_WORDS)
        return status
