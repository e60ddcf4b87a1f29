"""A worker that answers a frame_max of 128 KiB, whatever the broker offers.

Breaks W51.
"""

import sys

from pika.spec import Connection

from reference import worker


class TuneOk(Connection.TuneOk):
    def __init__(self, channel_max, frame_max, heartbeat):
        super().__init__(channel_max, 131_072, heartbeat)


Connection.TuneOk = TuneOk

sys.exit(worker.main())
