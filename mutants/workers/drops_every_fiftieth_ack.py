"""A worker that does every fiftieth task and forgets to acknowledge it.

Breaks W05, W26.
"""

import itertools
import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import worker

ack, number = BlockingChannel.basic_ack, itertools.count(1)


def mostly(self, tag):
    if next(number) % 50:
        ack(self, tag)


BlockingChannel.basic_ack = mostly

sys.exit(worker.main())
