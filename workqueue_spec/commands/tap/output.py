"""Brings the lines from the proxy's thread to the terminal, so that a slow terminal does not slow the proxy."""

import queue
from collections.abc import Callable
from typing import Final, TextIO

MOST_WAITING: Final = 10_000
"""Lines that may wait until they are printed; further ones are lost. A line is 200 bytes or so."""


class Output:
    """Lines on their way to a stream. `put` may be called in any thread and never blocks."""

    def __init__(self, stream: TextIO, lost: Callable[[int], str], most: int = MOST_WAITING) -> None:
        """`lost` makes the line that says how many lines were lost."""
        self._stream = stream
        self._lost = lost
        self._most = most
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._number_lost = 0

    def put(self, line: str) -> None:
        """Takes a line; it is lost if the stream is too slow. Called by one thread at a time."""
        if self._lines.qsize() >= self._most:
            self._number_lost += 1
            return
        self._tell_the_loss()
        self._lines.put(line)

    def print_for_ever(self) -> None:
        """Prints each line when it comes, until an exception ends it."""
        while True:
            self._print(self._lines.get())

    def finish(self, *last: str) -> None:
        """Prints what still waits, then these lines."""
        self._tell_the_loss()
        while not self._lines.empty():
            self._print(self._lines.get())
        for line in last:
            self._print(line)

    def _tell_the_loss(self) -> None:
        if self._number_lost:
            self._lines.put(self._lost(self._number_lost))
            self._number_lost = 0

    def _print(self, line: str) -> None:
        self._stream.write(f"{line}\n")
        if self._lines.empty():
            self._stream.flush()
