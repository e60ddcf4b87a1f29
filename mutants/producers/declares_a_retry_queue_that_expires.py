"""A producer that declares a retry queue where tasks would wait for a minute, and which expires after half a
minute.

Breaks P21.
"""

import sys

from reference import new_task
from reference.task_queue import TASK_QUEUE

declare = new_task.declare
BACK = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": TASK_QUEUE}


def declare_both(channel):
    declare(channel)
    limits = {"x-message-ttl": 60_000, "x-expires": 30_000}
    channel.queue_declare(f"{TASK_QUEUE}.retry", durable=True, arguments={**BACK, **limits})


new_task.declare = declare_both

sys.exit(new_task.main(sys.argv[1:]))
