"""A worker that holds eight tasks and works on one after another, on the last first.

On SIGTERM it finishes all that it has in hand.

Runs with prefetch 8, concurrency 1.

Breaks nothing.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import worker

qos = BlockingChannel.basic_qos
BlockingChannel.basic_qos = lambda self, **_: qos(self, prefetch_count=8)

sys.exit(worker.main())
