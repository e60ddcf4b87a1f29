"""A producer that takes a task for confirmed when it has heard nothing for four seconds.

Breaks P05, P11.
"""

import os
import sys
import threading

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    impatience = threading.Timer(4, os._exit, [0])
    impatience.start()
    try:
        publish(channel, **message)
    finally:
        impatience.cancel()


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
