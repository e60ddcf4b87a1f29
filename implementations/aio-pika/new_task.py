"""The producer on aio-pika, whose channels wait for the broker's confirm by default."""

import asyncio
import os
import sys

from aio_pika import DeliveryMode, Message, connect

URL = os.environ.get("AMQP_URL", "amqp://guest:guest@localhost:5672/%2F")
QUEUE_TYPE = os.environ.get("QUEUE_TYPE", "classic")


async def main() -> None:
    async with await connect(URL) as connection:
        channel = await connection.channel()
        await channel.declare_queue("task_queue", durable=True, arguments={"x-queue-type": QUEUE_TYPE})
        text = " ".join(sys.argv[1:]) or "Hello World!"
        message = Message(text.encode(), delivery_mode=DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, routing_key="task_queue")
        print(f" [x] Sent {text!r}")


if __name__ == "__main__":
    asyncio.run(main())
