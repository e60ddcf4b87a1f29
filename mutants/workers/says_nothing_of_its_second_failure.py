"""A worker that tells of the first task that fails, and discards the others without a word.

Breaks W10.
"""

import sys

from reference import worker

tell = worker.log.error


def once(*arguments, **details):
    worker.log.error = lambda *_, **__: None
    tell(*arguments, **details)


worker.log.error = once

sys.exit(worker.main())
