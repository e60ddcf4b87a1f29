"""A worker that does not cancel its subscription on SIGTERM, and works on as long as tasks come.

Breaks W19.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import worker

BlockingChannel.basic_cancel = lambda self, tag: None
worker.TICK = 1.0  # how long it waits for another task

sys.exit(worker.main())
