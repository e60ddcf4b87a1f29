"""A producer that never ends if its connection is reset before the confirm.

Breaks P12.
"""

import sys
import threading

from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import StreamLostError

from reference import new_task

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    try:
        publish(channel, **message)
    except StreamLostError as lost:
        if "ConnectionResetError" in str(lost):
            threading.Event().wait()
        raise


BlockingChannel.basic_publish = lie
new_task.exit_after = lambda *_, **__: None

sys.exit(new_task.main(sys.argv[1:]))
