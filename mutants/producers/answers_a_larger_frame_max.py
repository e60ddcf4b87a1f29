"""A producer that answers a frame_max of 128 KiB, whatever the broker offers.

Breaks P25.
"""

import sys

from pika.spec import Connection

from reference import new_task


class TuneOk(Connection.TuneOk):
    def __init__(self, channel_max, frame_max, heartbeat):
        super().__init__(channel_max, 131_072, heartbeat)


Connection.TuneOk = TuneOk

sys.exit(new_task.main(sys.argv[1:]))
