"""When a segment is forwarded: at once, later, or piece by piece. The order is always kept."""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final

MOST_WAITING: Final = 1024 * 1024
"""If more bytes than this wait for their time, nothing more is read from their sender."""

LONGEST_BACKLOG: Final = 1.0
"""Seconds. If what waits for the bandwidth takes longer than this, nothing more is read from the sender."""

PIECE: Final = 0.1
"""Seconds that a piece of a segment takes at most if the bandwidth is limited (or else it is a single byte)."""


class Shaper:
    """Delays and splits the segments of one direction, between the sender's socket and the core.

    `delay` is in seconds, and `more_delay` is asked once for each segment for seconds to add to it; `size` is the
    most bytes of a segment (None: as they come), `bandwidth` the most bytes in a second (None: any number). All
    may be changed at any time; a segment that waits already keeps its time.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        through: Callable[[float, bytes], None],
        throttle: Callable[[bool], None],
    ) -> None:
        self.delay = 0.0
        self.more_delay: Callable[[], float] | None = None
        self.size: int | None = None
        self.bandwidth: float | None = None
        self._loop = loop
        self._through = through
        self._throttle = throttle
        self._queue: deque[tuple[float, int, Callable[[], None]]] = deque()
        self._waiting = 0
        self._last_due = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._link_free = 0.0
        """When all that was taken so far will have been sent at the bandwidth."""
        self._link_timer: asyncio.TimerHandle | None = None

    def segment(self, at: float, data: bytes) -> None:
        """Takes a segment that arrived at a time (seconds of time.monotonic())."""
        if not self._waits and self.size is None:
            self._through(at, data)
            return
        size = self.size or len(data)
        if self.bandwidth is not None:
            size = max(1, min(size, int(self.bandwidth * PIECE)))
        delay = self._next_delay()
        for start in range(0, len(data), size):
            piece = data[start : start + size]
            self._enqueue(len(piece), delay, partial(self._through, at, piece))

    def then(self, action: Callable[[], None]) -> None:
        """Takes an action, which keeps its place among the segments."""
        if self._waits:
            self._enqueue(0, self._next_delay(), action)
        else:
            action()

    def clear(self) -> None:
        """Loses all that waits."""
        self._queue.clear()
        self._waiting = 0
        self._throttle(False)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._link_timer is not None:
            self._link_timer.cancel()
            self._link_timer = None
        self._link_free = 0.0

    @property
    def _waits(self) -> bool:
        """Whether what comes now has to wait."""
        return bool(self._queue or self.delay or self.more_delay or self.bandwidth)

    def _next_delay(self) -> float:
        return self.delay + (self.more_delay() if self.more_delay is not None else 0.0)

    def _enqueue(self, size: int, delay: float, action: Callable[[], None]) -> None:
        self._link_free = max(self._loop.time(), self._link_free)
        if self.bandwidth is not None:
            self._link_free += size / self.bandwidth
        self._last_due = max(self._link_free + delay, self._last_due)
        self._queue.append((self._last_due, size, action))
        self._waiting += size
        if self._is_full:
            self._throttle(True)
            self._watch_the_link()
        self._arrange()

    @property
    def _backlog(self) -> float:
        return self._link_free - self._loop.time()

    @property
    def _is_full(self) -> bool:
        return self._waiting > MOST_WAITING or self._backlog > LONGEST_BACKLOG

    def _watch_the_link(self) -> None:
        """Reads on when the backlog is short enough, even if all that was sent is still delayed."""
        if self._link_timer is None and self._backlog > LONGEST_BACKLOG:
            self._link_timer = self._loop.call_at(self._link_free - LONGEST_BACKLOG, self._relieve)

    def _relieve(self) -> None:
        self._link_timer = None
        if self._is_full:
            self._watch_the_link()
        else:
            self._throttle(False)

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
        if not self._is_full:
            self._throttle(False)
        self._arrange()
