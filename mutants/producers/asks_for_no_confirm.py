"""A producer that never asks for confirms, and takes each task that it has sent for safe.

Breaks P02, P03, P04, P05, P11, P15.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task

BlockingChannel.confirm_delivery = lambda channel: None

sys.exit(new_task.main(sys.argv[1:]))
