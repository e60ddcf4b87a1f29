"""A producer that answers a frame_max of 4096 bytes, as amqplib did before 0.10.7.

Breaks P26.
"""

import sys

from reference import new_task

where = new_task.parameters


def parameters():
    found = where()
    found.frame_max = 4096
    return found


new_task.parameters = parameters

sys.exit(new_task.main(sys.argv[1:]))
