"""A worker that lets a heartbeat slip into the middle of every hundredth frame, as threads do that share it.

Breaks W26.
"""

import itertools
import sys

from pika.connection import Connection
from pika.frame import Heartbeat

from reference import worker

output, number = Connection._output_marshaled_frames, itertools.count(1)


def garbled(self, frames):
    if next(number) % 100 == 0:
        whole = b"".join(frames)
        frames = [whole[:8], Heartbeat().marshal(), whole[8:]]
    output(self, frames)


Connection._output_marshaled_frames = garbled

sys.exit(worker.main())
