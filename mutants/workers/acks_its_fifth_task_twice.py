"""A worker that acknowledges its fifth task twice, and each other task once.

Breaks W04.
"""

import itertools
import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import worker

ack, number = BlockingChannel.basic_ack, itertools.count(1)


def ack_the_fifth_twice(self, tag):
    for _ in range(2 if next(number) == 5 else 1):
        ack(self, tag)


BlockingChannel.basic_ack = ack_the_fifth_twice

sys.exit(worker.main())
