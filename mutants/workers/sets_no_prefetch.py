"""A worker that sets no prefetch: it takes every task there is, while other workers have nothing to do.

Breaks W02, W16, W19, S01.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import worker

BlockingChannel.basic_qos = lambda self, **_: None

sys.exit(worker.main())
