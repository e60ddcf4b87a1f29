"""A worker that consumes in no-ack mode from its second subscription on.

Breaks W01, W13, W14, W15, W16, W17.
May break S02, by chance.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import worker

consume = BlockingChannel.basic_consume


def consume_with_ack(self, *arguments):
    BlockingChannel.basic_consume = consume_without_ack
    return consume(self, *arguments)


def consume_without_ack(self, *arguments):
    BlockingChannel.basic_ack = BlockingChannel.basic_reject = lambda *_, **__: None
    return consume(self, *arguments, auto_ack=True)


BlockingChannel.basic_consume = consume_with_ack

sys.exit(worker.main())
