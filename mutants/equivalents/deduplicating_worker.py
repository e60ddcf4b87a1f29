"""A worker that drops a task whose message_id it has noted, and notes the id when the work is done; its notes
outlive it.

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
