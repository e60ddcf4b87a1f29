"""A worker that connects without a timeout, and ignores signals until it is connected.

Breaks W35.
"""

import sys

from reference import worker

where = worker.parameters


class Mutant(worker.Worker):
    def exit_soon(self):
        pass


def patient():
    found = where()
    found.stack_timeout = found.socket_timeout = 3600
    return found


worker.parameters = patient
worker.exit_after = lambda *_, **__: None
worker.Worker = Mutant

sys.exit(worker.main())
