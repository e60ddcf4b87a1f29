"""A worker whose tasks are done by a child, and that acknowledges a task when its child was killed.

Breaks W54.
"""

import contextlib
import sys

from mutants import prefork
from reference import worker


def work(text):
    with contextlib.suppress(prefork.Killed):
        prefork.work(text)


worker.work = work

sys.exit(worker.main())
