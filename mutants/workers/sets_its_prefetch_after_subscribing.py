"""A worker that sets its prefetch after it has subscribed, when it no longer applies to the consumer.

Breaks W02, W16, W19, S01.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import worker

qos, consume = BlockingChannel.basic_qos, BlockingChannel.basic_consume


def consume_first(self, *arguments):
    consume(self, *arguments)
    qos(self, prefetch_count=1)


BlockingChannel.basic_qos = lambda self, **_: None
BlockingChannel.basic_consume = consume_first

sys.exit(worker.main())
