"""A producer that publishes only the first word of a task on each retry.

Breaks P06.
"""

import itertools
import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task

publish = BlockingChannel.basic_publish
attempts = itertools.count(1)


def lie(channel, **message):
    if next(attempts) > 1:
        message["body"] = message["body"].split()[0]
    publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
