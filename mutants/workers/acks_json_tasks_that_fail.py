"""A worker whose tasks are JSON, and that logs and acknowledges a task that says that it fails.

Runs with the profile json.

Breaks W07.
"""

import sys

from mutants import _json_tasks
from reference import worker


class Worker(worker.Worker):
    def settle(self, channel, delivery, text, error):
        if isinstance(error, RuntimeError):
            worker.log.error("task %r failed", text, exc_info=error)
            error = None
        super().settle(channel, delivery, text, error)


worker.work = _json_tasks.work
worker.Worker = Worker

sys.exit(worker.main())
