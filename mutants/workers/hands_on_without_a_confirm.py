"""A worker that publishes a failed task to another queue without asking for a confirm.

Breaks W37.
"""

import sys

from reference import worker

from ._handing_on import HandingOn


class Mutant(HandingOn):
    confirmed = False


worker.Worker = Mutant

sys.exit(worker.main())
