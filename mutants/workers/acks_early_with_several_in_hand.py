"""A worker that acknowledges a good task as soon as it is delivered, if it holds another task already.

Runs with prefetch 8, concurrency 4.

Breaks W03, W05, W06, W16, W19, W20, W21.
May break S02, by chance.
"""

import sys

from mutants import _several_at_once as several


class Mutant(several.Worker):
    early = frozenset()

    def subscribe(self, channel):
        self.early = set()
        return super().subscribe(channel)

    def take(self, channel, delivery, properties, body):
        holds_another = self.waiting or not all(task.done() for task in self.tasks)
        super().take(channel, delivery, properties, body)
        if holds_another and b"error" not in body:
            self.early.add(delivery.delivery_tag)
            channel.basic_ack(delivery.delivery_tag)

    def settle(self, channel, delivery, text, error):
        if delivery.delivery_tag not in self.early:
            super().settle(channel, delivery, text, error)


sys.exit(several.run(Mutant))
