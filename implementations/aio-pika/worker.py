"""The worker on aio-pika: a robust connection, which restores itself, and work that is awaited."""

import asyncio
import contextlib
import logging
import os

from aio_pika import connect_robust
from aio_pika.abc import AbstractIncomingMessage

URL = os.environ.get("AMQP_URL", "amqp://guest:guest@localhost:5672/%2F")
QUEUE_TYPE = os.environ.get("QUEUE_TYPE", "classic")
SECONDS_PER_DOT = float(os.environ.get("TASK_SECONDS_PER_DOT", "1"))
PREFETCH = int(os.environ.get("PREFETCH", "1"))


async def on_message(message: AbstractIncomingMessage) -> None:
    async with message.process():
        text = message.body.decode()
        print(f" [x] Received {text!r}")
        await asyncio.sleep(text.count(".") * SECONDS_PER_DOT)
        if "error" in text:
            raise RuntimeError(f"cannot do {text!r}")
        print(" [x] Done")


async def main() -> None:
    async with await connect_robust(URL) as connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=PREFETCH)
        queue = await channel.declare_queue(
            "task_queue", durable=True, arguments={"x-queue-type": QUEUE_TYPE}
        )
        await queue.consume(on_message)
        print(" [*] Waiting for messages. To exit press CTRL+C")
        await asyncio.Future()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
