"""The producer on FastStream: its broker is connected but not started, so it only publishes."""

import asyncio
import sys

from worker import broker, task_queue


async def main() -> None:
    text = " ".join(sys.argv[1:]) or "Hello World!"
    async with broker:
        await broker.declare_queue(task_queue)
        await broker.publish(text, task_queue, persist=True)
    print(f"Sent {text!r}")


asyncio.run(main())
