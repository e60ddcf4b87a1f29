"""A worker that works where it should listen, so that a long task costs it its heartbeats and its connection.

Breaks W12.
"""

import sys
from concurrent.futures import Future

from reference import worker


class Here:
    def submit(self, work, text):
        task = Future()
        try:
            task.set_result(work(text))
        except RuntimeError as error:
            task.set_exception(error)
        return task


class Mutant(worker.Worker):
    def __init__(self):
        super().__init__()
        self.thread = Here()


worker.Worker = Mutant

sys.exit(worker.main())
