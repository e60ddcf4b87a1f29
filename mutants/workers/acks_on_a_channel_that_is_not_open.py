"""A worker that sends, every hundredth time, an acknowledgement on a channel it has never opened.

Breaks W04, W26.
"""

import itertools
import sys

from pika import spec
from pika.adapters.blocking_connection import BlockingChannel

from reference import worker

ack, number = BlockingChannel.basic_ack, itertools.count(1)


def astray(self, tag):
    if next(number) % 100:
        ack(self, tag)
    else:
        self.connection._impl._send_method(77, spec.Basic.Ack(tag))


BlockingChannel.basic_ack = astray

sys.exit(worker.main())
