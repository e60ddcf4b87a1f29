"""A worker whose library does not know that a broker may cancel a subscription, though it says that it does.

Breaks W14.
"""

import sys

from pika.channel import Channel
from pika.spec import Basic

from reference import worker

add_callbacks = Channel._add_callbacks


def add_fewer_callbacks(channel):
    add_callbacks(channel)
    channel.callbacks.remove(channel.channel_number, Basic.Cancel)


Channel._add_callbacks = add_fewer_callbacks


class Mutant(worker.Worker):
    def subscribe(self, channel):
        inbox = super().subscribe(channel)
        channel._impl.callbacks.remove(channel.channel_number, Basic.Cancel)
        return inbox


worker.Worker = Mutant

sys.exit(worker.main())
