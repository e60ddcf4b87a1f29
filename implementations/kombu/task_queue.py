"""The queue, as producer and worker declare it."""

import os

from kombu import Exchange, Queue

URL = os.environ.get("AMQP_URL", "amqp://guest:guest@localhost:5672/%2F")
TASK_QUEUE = Queue(
    "task_queue",
    Exchange(""),
    routing_key="task_queue",
    queue_arguments={"x-queue-type": os.environ.get("QUEUE_TYPE", "classic")},
)
