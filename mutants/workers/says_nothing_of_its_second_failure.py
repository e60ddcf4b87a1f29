"""A worker that logs the first failed task, and rejects the others without logging them.

Breaks W10.
"""

import sys

from reference import worker

log_error = worker.log.error


def log_once(*arguments, **details):
    worker.log.error = lambda *_, **__: None
    log_error(*arguments, **details)


worker.log.error = log_once

sys.exit(worker.main())
