"""A worker that sets a prefetch of two, so that it holds a second task while it works on the first.

Breaks W02, W16, W19, S01.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import worker

qos = BlockingChannel.basic_qos
BlockingChannel.basic_qos = lambda self, **_: qos(self, prefetch_count=2)

sys.exit(worker.main())
