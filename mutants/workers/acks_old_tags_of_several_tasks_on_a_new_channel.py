"""A worker that acknowledges on its new channel what it had in hand on a channel that it has lost.

Runs with prefetch 8, concurrency 4.

Breaks W04, W17.
May break S02, by chance.
"""

import sys

from mutants import _several_at_once as several


class Mutant(several.Worker):
    channel = None

    def subscribe(self, channel):
        waiting = super().subscribe(channel)
        self.channel = channel
        return waiting

    def begin(self, channel, delivery, properties, body, mine):
        super().begin(channel, delivery, properties, body, mine)

        def late(_):
            if delivery.delivery_tag < 13:
                return  # the new channel may bring a tag of this number
            if not channel.is_open and self.channel is not channel and self.channel.is_open:
                self.channel.connection.add_callback_threadsafe(
                    lambda: self.channel.basic_ack(delivery.delivery_tag)
                )

        self.tasks[-1].add_done_callback(late)


sys.exit(several.run(Mutant))
