"""When a segment is forwarded: at once, later, or piece by piece. The order is always kept."""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final

MOST_WAITING: Final = 1024 * 1024
"""If more bytes than this wait for their time, nothing more is read from their sender."""


class Shaper:
    """Delays and splits the segments of one direction, between the sender's socket and the core.

    `delay` is in seconds, `size` the most bytes of a segment (None: as they come). Both may be changed at any
    time; a segment that waits already keeps its time.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        through: Callable[[float, bytes], None],
        throttle: Callable[[bool], None],
    ) -> None:
        self.delay = 0.0
        self.size: int | None = None
        self._loop = loop
        self._through = through
        self._throttle = throttle
        self._queue: deque[tuple[float, int, Callable[[], None]]] = deque()
        self._waiting = 0
        self._last_due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def segment(self, at: float, data: bytes) -> None:
        """Takes a segment that arrived at a time (seconds of time.monotonic())."""
        if not self._queue and not self.delay and self.size is None:
            self._through(at, data)
            return
        size = self.size or len(data)
        for start in range(0, len(data), size):
            piece = data[start : start + size]
            self._enqueue(len(piece), partial(self._through, at, piece))

    def then(self, action: Callable[[], None]) -> None:
        """Takes an action, which keeps its place among the segments."""
        if not self._queue and not self.delay:
            action()
        else:
            self._enqueue(0, action)

    def clear(self) -> None:
        """Loses all that waits."""
        self._queue.clear()
        self._waiting = 0
        self._throttle(False)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _enqueue(self, size: int, action: Callable[[], None]) -> None:
        self._last_due = max(self._loop.time() + self.delay, self._last_due)
        self._queue.append((self._last_due, size, action))
        self._waiting += size
        if self._waiting > MOST_WAITING:
            self._throttle(True)
        self._arrange()

    def _arrange(self) -> None:
        if self._queue and self._timer is None:
            self._timer = self._loop.call_at(self._queue[0][0], self._due)

    def _due(self) -> None:
        self._timer = None
        while self._queue and self._queue[0][0] <= self._loop.time():
            _, size, action = self._queue.popleft()
            self._waiting -= size
            action()
            # One piece in each turn of the loop, so that a receiver may see them apart.
            if self.size is not None:
                break
        if self._waiting <= MOST_WAITING:
            self._throttle(False)
        self._arrange()
