"""A worker that connects without a limit of time, and takes no notice of signals meanwhile.

Breaks W35.
"""

import sys

from reference import worker

where = worker.parameters


class Mutant(worker.Worker):
    def leave_soon(self):
        pass


def patient():
    found = where()
    found.stack_timeout = found.socket_timeout = 3600
    return found


worker.parameters = patient
worker.leave_after = lambda *_, **__: None
worker.Worker = Mutant

sys.exit(worker.main())
