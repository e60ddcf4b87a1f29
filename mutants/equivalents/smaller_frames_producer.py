"""A producer that answers a frame_max of 16 KiB, or what the broker offers if that is less.

Breaks nothing.
"""

import sys

from reference import new_task

where = new_task.parameters


def parameters():
    found = where()
    found.frame_max = 16 * 1024
    return found


new_task.parameters = parameters

sys.exit(new_task.main(sys.argv[1:]))
