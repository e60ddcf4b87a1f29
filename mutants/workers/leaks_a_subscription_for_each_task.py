"""A worker that waits for an answer to each task on a queue of its own, and goes on to listen there.

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
