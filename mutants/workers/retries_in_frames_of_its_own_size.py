"""A worker that publishes a failed task again in frames of 128 KiB, whatever the broker offers. It does so on the
connection on which it consumes, with a count in a header and without a confirm.

Breaks W11, W26, W30, W37, W51.
"""

import sys

from pika.connection import Connection

from reference import worker

from ._retrying_with_a_copy import Retrying

Connection._get_body_frame_max_length = lambda connection: 131_072 - 8
worker.Worker = Retrying

sys.exit(worker.main())
