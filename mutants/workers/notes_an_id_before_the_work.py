"""A worker that drops a task whose message_id it has noted, and notes the id before the work.

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
