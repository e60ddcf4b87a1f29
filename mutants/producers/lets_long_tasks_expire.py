"""A producer that publishes a long task with an expiration of one hour.

Breaks P21.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    if len(message["body"]) > 100_000:
        message["properties"].expiration = "3600000"
    publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
