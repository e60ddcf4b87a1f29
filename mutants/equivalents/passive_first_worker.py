"""A worker that looks for the queue first, and declares it only if it does not exist.

Breaks nothing.
"""

import sys

from reference import worker

from ._passive_first import declare

worker.declare = declare
sys.exit(worker.main())
