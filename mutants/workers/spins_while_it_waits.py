"""A worker that asks its library without a pause whether a task has come.

Breaks W54.
"""

import sys

from reference import worker

worker.TICK = 0

sys.exit(worker.main())
