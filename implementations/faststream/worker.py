"""The worker on FastStream, and the application from which the producer imports broker and queue."""

import asyncio
import os

from faststream import FastStream
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue

URL = os.environ.get("AMQP_URL", "amqp://guest:guest@localhost:5672/%2F")
SECONDS_PER_DOT = float(os.environ.get("TASK_SECONDS_PER_DOT", "1"))

broker = RabbitBroker(URL)
app = FastStream(broker)
task_queue = RabbitQueue("task_queue", queue_type=QueueType(os.environ.get("QUEUE_TYPE", "classic")))


@broker.subscriber(task_queue, channel=Channel(prefetch_count=1))
async def work(text: str) -> None:
    await asyncio.sleep(text.count(".") * SECONDS_PER_DOT)
    if "error" in text:
        raise RuntimeError(f"cannot do {text!r}")
