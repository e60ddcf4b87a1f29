"""A worker that leaves with status 1 when it is refused, and keeps the broker's reason to itself.

Breaks W33.
"""

import sys

from reference import worker

refusal = worker.refusal
worker.refusal = lambda error: refusal(error) and "by the broker"

sys.exit(worker.main())
