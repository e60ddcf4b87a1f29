"""A worker that publishes a failed task again on the connection on which it consumes, with a count in a header and
without a confirm.

Breaks W11, W30, W37.
"""

import sys

from reference import worker

from ._retrying_with_a_copy import Retrying

worker.Worker = Retrying

sys.exit(worker.main())
