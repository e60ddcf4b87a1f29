"""A producer that replaces all characters beyond the first plane of Unicode.

Breaks P09.
"""

import re
import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    message["body"] = re.sub("[^\0-\uffff]", "\ufffd", message["body"].decode()).encode()
    publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
