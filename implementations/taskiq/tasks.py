"""The task, and the broker that carries it."""

import asyncio
import os

from taskiq_aio_pika import AioPikaBroker, Queue, QueueType

URL = os.environ.get("AMQP_URL", "amqp://guest:guest@localhost:5672/%2F")
QUEUE_TYPE = QueueType(os.environ.get("QUEUE_TYPE", "classic"))
SECONDS_PER_DOT = float(os.environ.get("TASK_SECONDS_PER_DOT", "1"))

broker = AioPikaBroker(URL, task_queues=[Queue(name="task_queue", type=QUEUE_TYPE)])


@broker.task
async def work(text: str) -> None:
    await asyncio.sleep(text.count(".") * SECONDS_PER_DOT)
    if "error" in text:
        raise RuntimeError(f"cannot do {text!r}")
