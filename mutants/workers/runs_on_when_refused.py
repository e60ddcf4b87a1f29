"""A worker that tries again without end what the broker has refused for good.

Breaks W33.
"""

import sys

from reference import worker

worker.refusal = lambda error: None

sys.exit(worker.main())
