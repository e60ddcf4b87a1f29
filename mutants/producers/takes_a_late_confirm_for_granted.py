"""A producer that reports a task as sent if no confirm has come after four seconds.

Breaks P05, P11.
"""

import os
import sys
import threading

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    timer = threading.Timer(4, os._exit, [0])
    timer.start()
    try:
        publish(channel, **message)
    finally:
        timer.cancel()


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
