"""A worker that does not cancel its subscription on SIGTERM, and goes on as long as tasks come.

Breaks W19.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import worker

BlockingChannel.basic_cancel = lambda self, tag: None
worker.TICK = 1.0  # for so long it listens for another

sys.exit(worker.main())
