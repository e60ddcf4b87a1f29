"""A worker that works in the thread of its connection, so that it sends no heartbeats during a long task, and loses
the connection.

Breaks W12.
"""

import sys
from concurrent.futures import Future

from reference import worker


class InThisThread:
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
        self.thread = InThisThread()


worker.Worker = Mutant

sys.exit(worker.main())
