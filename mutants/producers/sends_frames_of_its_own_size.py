"""A producer that cuts a task into frames of 128 KiB, whatever the broker offers.

Breaks P25.
"""

import sys

from pika.connection import Connection

from reference import new_task

Connection._get_body_frame_max_length = lambda connection: 131_072 - 8

sys.exit(new_task.main(sys.argv[1:]))
