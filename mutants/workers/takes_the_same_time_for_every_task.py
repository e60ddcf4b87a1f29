"""A worker that works for the time of one dot on every task, whatever its number of dots.

Breaks W31, W03, W05, W06, W19, W20, W21, S01, S02.
"""

import sys
import time

from reference import worker


def work(text):
    time.sleep(worker.SECONDS_PER_DOT)
    if "error" in text:
        raise RuntimeError


worker.work = work

sys.exit(worker.main())
