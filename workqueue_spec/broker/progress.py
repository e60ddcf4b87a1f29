"""Lines on standard error that tell about decisions, and about steps that take long."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

EVERY = 5.0
"""Seconds between two lines about a step that goes on."""


def say(line: str) -> None:
    """Shows the line at once."""
    print(f"workqueue-spec: {line}", file=sys.stderr, flush=True)


@contextmanager
def going_on(step: str) -> Iterator[None]:
    """Shows from time to time, for as long as the block lasts, that the step goes on, and for how long it has."""
    began, over = time.monotonic(), threading.Event()

    def tell() -> None:
        while not over.wait(EVERY):
            say(f"still {step} ({time.monotonic() - began:.0f} s) ...")

    teller = threading.Thread(target=tell, daemon=True, name="progress")
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()
