"""A worker that takes tasks from two queues, and tries a failed task again over a retry queue with a TTL.

Runs with the profile two_queues.

Breaks nothing.
"""

import sys

from mutants import _two_queues

sys.exit(_two_queues.run())
