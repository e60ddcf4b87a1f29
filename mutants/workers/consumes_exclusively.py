"""A worker that consumes exclusively, so that no other worker can consume from the queue.

Breaks W27, S01 (classic), S02 (classic).
"""

import sys
from functools import partialmethod

from pika.adapters.blocking_connection import BlockingChannel

from reference import worker

BlockingChannel.basic_consume = partialmethod(BlockingChannel.basic_consume, exclusive=True)

sys.exit(worker.main())
