"""A worker that has each task done by a child process, and acknowledges the task even if the child was killed.

Breaks W49.
"""

import contextlib
import sys

from mutants import _prefork as prefork
from reference import worker


def work(text):
    with contextlib.suppress(prefork.Killed):
        prefork.work(text)


worker.work = work

sys.exit(worker.main())
