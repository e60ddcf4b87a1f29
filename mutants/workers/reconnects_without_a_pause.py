"""A worker that makes no pause between its attempts to connect.

Breaks W15.
"""

import itertools
import sys

from reference import worker

worker.delays = lambda patience: itertools.repeat(0.001)

sys.exit(worker.main())
