"""A worker that subscribes to a new reply queue for each task, and never cancels the subscription.

Breaks W38.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    def handle(self, channel, delivery, properties, body):
        answers = channel.queue_declare("", exclusive=True).method.queue
        channel.basic_consume(answers, lambda *answer: None)
        super().handle(channel, delivery, properties, body)


worker.Worker = Mutant

sys.exit(worker.main())
