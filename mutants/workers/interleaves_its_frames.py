"""A worker that sends a heartbeat in the middle of every hundredth frame, as happens if threads share a connection
without a lock.

Breaks W26.
"""

import itertools
import sys

from pika.connection import Connection
from pika.frame import Heartbeat

from reference import worker

send_frames, number = Connection._output_marshaled_frames, itertools.count(1)


def output_interleaved(self, frames):
    if next(number) % 100 == 0:
        whole = b"".join(frames)
        frames = [whole[:8], Heartbeat().marshal(), whole[8:]]
    send_frames(self, frames)


Connection._output_marshaled_frames = output_interleaved

sys.exit(worker.main())
