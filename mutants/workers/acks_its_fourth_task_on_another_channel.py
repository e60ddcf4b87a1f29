"""A worker that acknowledges its fourth task first on another channel, and then on the channel that delivered it.

Breaks W04.
"""

import itertools
import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import worker

ack, number = BlockingChannel.basic_ack, itertools.count(1)


def ack_the_fourth_on_two_channels(self, tag):
    if next(number) == 4:
        ack(self.connection.channel(), tag)
    ack(self, tag)


BlockingChannel.basic_ack = ack_the_fourth_on_two_channels

sys.exit(worker.main())
