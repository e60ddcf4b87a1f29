"""A producer that normalises the text of its tasks.

Breaks P09.
"""

import sys
import unicodedata

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    message["body"] = unicodedata.normalize("NFC", message["body"].decode()).encode()
    publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
