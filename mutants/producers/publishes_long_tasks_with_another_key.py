"""A producer that publishes to a topic exchange, a long task with another routing key. The queue gets it, too.

Runs with the profile topic.

Breaks P10.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from mutants import _topic
from reference import new_task


def key(body):
    return _topic.KEY if len(body) < 1000 else "report.long"


new_task.declare = _topic.declare
BlockingChannel.basic_publish = _topic.publish(BlockingChannel.basic_publish, key)

sys.exit(new_task.main(sys.argv[1:]))
