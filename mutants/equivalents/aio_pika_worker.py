"""A worker on another client library: aio-pika, with asyncio in one thread.

Breaks nothing.
"""

import asyncio
import logging
import os
import sys

import aio_pika

from mutants.equivalents._aio_pika_main import main, work
from reference.task_queue import TASK_QUEUE

QUEUE_TYPE = os.environ.get("QUEUE_TYPE")


async def handle(message):
    text = message.body.decode(errors="replace")
    try:
        await work(text)
    except RuntimeError:
        logging.exception("task %r failed and is given up", text)
        await message.reject(requeue=False)
    else:
        print(f" [x] Done {text!r}")
        await message.ack()


async def serve(leaving, subscribed):
    """Works on tasks until `leaving` is set or the subscription ends."""
    async with await aio_pika.connect(os.environ["AMQP_URL"]) as connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=1)
        arguments = {"x-queue-type": QUEUE_TYPE} if QUEUE_TYPE else None
        queue = await channel.declare_queue(TASK_QUEUE, durable=True, arguments=arguments)
        async with queue.iterator() as tasks:
            subscribed.set()
            cancelled = asyncio.Event()
            underlay = await channel.get_underlay_channel()
            underlay.on_consumer_cancel_callbacks.add(lambda _: cancelled.set())
            closings = [asyncio.create_task(close(tasks, when)) for when in (leaving, cancelled)]
            async for message in tasks:
                await handle(message)
            for closing in closings:
                closing.cancel()


async def close(tasks, when):
    """Ends the subscription when the event is set. The task in hand is still finished."""
    await when.wait()
    await tasks.close()


sys.exit(asyncio.run(main(serve)))
