"""A worker that waits for six seconds before it exits.

Breaks W18, W35.
"""

import sys
import time

from reference import worker

worker.exit_after = lambda *_, **__: None


class Mutant(worker.Worker):
    def run(self):
        status = super().run()
        time.sleep(6)
        return status


worker.Worker = Mutant

sys.exit(worker.main())
