"""A worker that sends every hundredth acknowledgement on a channel that it has never opened.

Breaks W04, W26.
"""

import itertools
import sys

from pika import spec
from pika.adapters.blocking_connection import BlockingChannel

from reference import worker

ack, number = BlockingChannel.basic_ack, itertools.count(1)


def ack_on_an_unopened_channel(self, tag):
    if next(number) % 100:
        ack(self, tag)
    else:
        self.connection._impl._send_method(77, spec.Basic.Ack(tag))


BlockingChannel.basic_ack = ack_on_an_unopened_channel

sys.exit(worker.main())
