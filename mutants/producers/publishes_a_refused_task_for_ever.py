"""A producer that publishes a refused task again and again, with delays, and never gives up.

Breaks P23.
"""

import sys
import time

from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import NackError

from reference import new_task

publish = BlockingChannel.basic_publish


def again_and_again(channel, **message):
    while True:
        try:
            return publish(channel, **message)
        except NackError:
            new_task.confirmed.set()  # its deadline then ends nothing
            time.sleep(0.5)


BlockingChannel.basic_publish = again_and_again

sys.exit(new_task.main(sys.argv[1:]))
