"""Retries until a deadline, and an exit at a deadline."""

import logging
import os
import random
import threading
import time
from collections.abc import Callable, Iterator

CLOSING = 1.0
"""Seconds that a program waits for the broker's answer when it leaves. Nothing depends on the answer."""


def delays(patience: float, first: float = 0.2, longest: float = 10.0) -> Iterator[float]:
    """The seconds to wait before each next attempt: doubling, until `patience` seconds have passed.

    Each is shortened at random, by a quarter at most, so that a hundred workers do not come back all at once.
    """
    end = time.monotonic() + patience
    delay = first
    while time.monotonic() + delay < end:
        yield delay * random.uniform(0.75, 1)
        delay = min(2 * delay, longest)


def exit_after(
    seconds: float, why: str, *, status: int = 1, unless: Callable[[], bool] = lambda: False
) -> None:
    """Logs `why` and ends the process with `status` when the time is up, whatever the process waits for then. If
    `unless()` is true by then, it does nothing.

    It closes nothing: the broker sees that the connection is lost, and returns unacknowledged tasks to the queue.
    """

    def leave() -> None:
        if not unless():
            logging.getLogger(__package__).error("%s", why)
            os._exit(status)

    timer = threading.Timer(seconds, leave)
    timer.daemon = True
    timer.start()
