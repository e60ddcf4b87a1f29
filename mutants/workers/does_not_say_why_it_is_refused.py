"""A worker that exits with status 1 when the broker refuses it, and does not give the broker's reason.

Breaks W33.
"""

import sys

from reference import worker

refusal = worker.refusal
worker.refusal = lambda error: refusal(error) and "by the broker"

sys.exit(worker.main())
