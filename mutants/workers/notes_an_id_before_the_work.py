"""A worker that drops a task if it has noted the task's message_id, and notes the id before the work.

Breaks W03, W06, W20.
May break S02, by chance.
"""

import sys

from mutants._noting_ids import Noting
from reference import worker


class Mutant(Noting):
    def begin(self, properties):
        self.notes(properties)


worker.Worker = Mutant

sys.exit(worker.main())
