"""A worker that has the less patience with a quiet broker the longer the heartbeat: it divides where it should
multiply.

Breaks W39.
"""

import sys
import time

from reference import worker


def watch_for_silence(connection):
    line = connection._impl
    heartbeat = line.params.heartbeat
    heard, since = -1, 0.0

    def look():
        nonlocal heard, since
        if line.bytes_received != heard:
            heard, since = line.bytes_received, time.monotonic()
        elif time.monotonic() - since > 2 / heartbeat:
            line._terminate_stream(worker.AMQPHeartbeatTimeout("nothing heard"))
            return
        connection.call_later(heartbeat / 4, look)

    look()


worker.watch_for_silence = watch_for_silence

sys.exit(worker.main())
