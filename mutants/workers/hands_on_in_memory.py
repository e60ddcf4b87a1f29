"""A worker that publishes a failed task to another queue as a transient message.

Breaks W37.
"""

import sys

from reference import worker

from ._handing_on import HandingOn


class Mutant(HandingOn):
    delivery_mode = 1


worker.Worker = Mutant

sys.exit(worker.main())
