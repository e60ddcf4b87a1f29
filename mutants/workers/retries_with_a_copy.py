"""A worker that sends a task that failed anew, over the connection that brings it tasks, with a count of its own
and without asking for a confirm.

Breaks W11, W30, W37.
"""

import sys

from reference import worker

from ._retrying_with_a_copy import Retrying

worker.Worker = Retrying

sys.exit(worker.main())
