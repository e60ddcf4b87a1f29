"""A producer that publishes a refused task again at once, as often as it is refused.

Breaks P23.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import NackError

from reference import new_task

publish = BlockingChannel.basic_publish


def again_and_again(channel, **message):
    while True:
        try:
            return publish(channel, **message)
        except NackError:
            pass


BlockingChannel.basic_publish = again_and_again

sys.exit(new_task.main(sys.argv[1:]))
