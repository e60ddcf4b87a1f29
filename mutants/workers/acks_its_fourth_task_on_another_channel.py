"""A worker that acknowledges its fourth task on another channel first, and then where it came from.

Breaks W04.
"""

import itertools
import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import worker

ack, number = BlockingChannel.basic_ack, itertools.count(1)


def elsewhere(self, tag):
    if next(number) == 4:
        ack(self.connection.channel(), tag)
    ack(self, tag)


BlockingChannel.basic_ack = elsewhere

sys.exit(worker.main())
