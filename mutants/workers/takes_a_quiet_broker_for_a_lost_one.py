"""A worker that divides by the heartbeat instead of multiplying, so that the longer the heartbeat, the sooner it
takes a quiet broker for a lost one.

Breaks W39.
"""

import sys
import time

from reference import worker


def watch_for_silence(connection):
    impl = connection._impl
    heartbeat = impl.params.heartbeat
    received, since = -1, 0.0

    def check():
        nonlocal received, since
        if impl.bytes_received != received:
            received, since = impl.bytes_received, time.monotonic()
        elif time.monotonic() - since > 2 / heartbeat:
            impl._terminate_stream(worker.AMQPHeartbeatTimeout("nothing heard"))
            return
        connection.call_later(heartbeat / 4, check)

    check()


worker.watch_for_silence = watch_for_silence

sys.exit(worker.main())
