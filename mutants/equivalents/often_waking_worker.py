"""A worker that looks a hundred times a second whether it was told to leave.

Breaks nothing.
"""

import sys

from reference import worker

worker.TICK = 0.01

sys.exit(worker.main())
