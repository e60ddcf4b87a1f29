"""A worker that answers a frame_max of 4096 bytes, as amqplib did before 0.10.7.

Breaks W52.
"""

import sys

from reference import worker

where = worker.parameters


def parameters():
    found = where()
    found.frame_max = 4096
    return found


worker.parameters = parameters

sys.exit(worker.main())
