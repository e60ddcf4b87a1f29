"""A worker that hands a failed task on without asking the broker whether it got there.

Breaks W37.
"""

import sys

from reference import worker

from ._handing_on import HandingOn


class Mutant(HandingOn):
    confirmed = False


worker.Worker = Mutant

sys.exit(worker.main())
