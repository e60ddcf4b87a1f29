"""A worker that works on four tasks at once, in threads, and acknowledges each when it is done.

Runs with prefetch 8, concurrency 4.

Breaks nothing.
"""

import sys

from mutants._several_at_once import Worker, run

sys.exit(run(Worker))
