"""A worker that publishes a failed task to a queue that is not durable.

Breaks W37.
"""

import sys

from reference import worker

from ._handing_on import HandingOn


class Mutant(HandingOn):
    durable = False


worker.Worker = Mutant

sys.exit(worker.main())
