"""The same task and broker on taskiq-aio-pika 0.5, whose queue is a name."""

import asyncio
import os

from taskiq_aio_pika import AioPikaBroker

URL = os.environ.get("AMQP_URL", "amqp://guest:guest@localhost:5672/%2F")
SECONDS_PER_DOT = float(os.environ.get("TASK_SECONDS_PER_DOT", "1"))

broker = AioPikaBroker(URL, queue_name="task_queue")


@broker.task
async def work(text: str) -> None:
    await asyncio.sleep(text.count(".") * SECONDS_PER_DOT)
    if "error" in text:
        raise RuntimeError(f"cannot do {text!r}")
