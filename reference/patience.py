"""How long to go on trying, and how to end what would not end by itself."""

import logging
import os
import random
import threading
import time
from collections.abc import Callable, Iterator

CLOSING = 1.0
"""Seconds for a broker that may say nothing more to answer when a program leaves; nothing depends on it."""


def delays(patience: float, first: float = 0.2, longest: float = 10.0) -> Iterator[float]:
    """Seconds to wait before each next attempt: doubling, until `patience` seconds are used up.

    Each is shortened by chance, by a quarter at most, so that a hundred workers don't come back all at once.
    """
    end = time.monotonic() + patience
    delay = first
    while time.monotonic() + delay < end:
        yield delay * random.uniform(0.75, 1)
        delay = min(2 * delay, longest)


def leave_after(
    seconds: float, why: str, *, status: int = 1, unless: Callable[[], bool] = lambda: False
) -> None:
    """Ends the process with this status when the time is up, whatever it waits for by then, unless told not to.

    It closes nothing on the way out: the broker sees the connection go, and returns what was unacknowledged.
    """

    def leave() -> None:
        if not unless():
            logging.getLogger(__package__).error("%s", why)
            os._exit(status)

    timer = threading.Timer(seconds, leave)
    timer.daemon = True
    timer.start()
