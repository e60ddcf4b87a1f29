"""A producer that takes frame_max for the size of a frame's payload, as older clients do. RabbitMQ accepts that.

Breaks nothing.
"""

import sys

from pika.connection import Connection

from reference import new_task

Connection._get_body_frame_max_length = lambda connection: connection.params.frame_max

sys.exit(new_task.main(sys.argv[1:]))
