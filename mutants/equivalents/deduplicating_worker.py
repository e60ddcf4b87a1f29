"""A worker that drops a task if it has noted the task's message_id. It notes an id when the work is done. Its notes
are kept when it ends.

Breaks nothing.
"""

import sys

from mutants._noting_ids import Noting
from reference import worker


class Worker(Noting):
    def begin(self, properties):
        self.properties = properties

    def settle(self, channel, delivery, text, error):
        if not error:
            self.notes(self.properties)
        super().settle(channel, delivery, text, error)


worker.Worker = Worker

sys.exit(worker.main())
