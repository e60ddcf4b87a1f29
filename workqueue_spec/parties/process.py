"""A program under test, behind its tap."""

import signal

from ..history import History
from ..patience import EVENTUALLY
from ..program import LAST_WORDS, Program
from ..verdicts import Broken
from ..wiretap import Tap
from .party import Party


class Process(Party):
    """A program under test that runs."""

    def __init__(self, program: Program, tap: Tap, history: History, seconds_per_dot: float) -> None:
        super().__init__(program.who, tap, history, seconds_per_dot)
        self.program = program

    def interrupt(self) -> None:
        """SIGINT, as Ctrl-C sends it."""
        self.program.signal(signal.SIGINT)

    def exit_status(self, within: float = EVENTUALLY) -> int:
        """Its exit status, once it has ended and its tap has seen the last of it; broken if it runs on."""
        status = self.program.exit_status(within)
        if status is None:
            raise Broken(f"{self.who} ends", f"still running after {within:.0f} s")
        self.history.wait(lambda _: self.tap.connections == 0, LAST_WORDS)
        return status
