"""A worker that does every fiftieth task but does not acknowledge it.

Breaks W05, W26.
"""

import itertools
import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import worker

ack, number = BlockingChannel.basic_ack, itertools.count(1)


def ack_but_every_fiftieth(self, tag):
    if next(number) % 50:
        ack(self, tag)


BlockingChannel.basic_ack = ack_but_every_fiftieth

sys.exit(worker.main())
