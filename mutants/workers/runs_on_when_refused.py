"""A worker that tries again without end after the broker has refused it for good.

Breaks W33.
"""

import sys

from reference import worker

worker.refusal = lambda error: None

sys.exit(worker.main())
