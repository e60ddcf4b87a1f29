"""A producer that declares the queue on one connection and publishes on another.

Breaks nothing.
"""

import sys

from reference import new_task
from reference.task_queue import connect, declare, parameters


def declare_elsewhere(_channel):
    with connect(parameters()) as connection:
        declare(connection.channel())


new_task.declare = declare_elsewhere
sys.exit(new_task.main(sys.argv[1:]))
