"""A worker on asyncio and aio-pika that holds eight tasks and works on four of them at once.

Runs with prefetch 8, concurrency 4.

Breaks nothing.
"""

import asyncio
import logging
import os
import sys

import aio_pika

from mutants.equivalents._aio_pika_main import LOSSES, main, work
from reference.task_queue import TASK_QUEUE

QUEUE_TYPE = os.environ.get("QUEUE_TYPE")
PREFETCH, CONCURRENCY = 8, 4
SLOTS = asyncio.Semaphore(CONCURRENCY)


async def handle(message, over):
    """Works on the task as soon as a slot is free, unless its subscription is over by then."""
    async with SLOTS:
        if over.is_set():
            return  # it goes back with the channel
        text = message.body.decode(errors="replace")
        try:
            await work(text)
        except RuntimeError:
            logging.exception("task %r failed and is given up", text)
            settle = message.reject(requeue=False)
        else:
            print(f" [x] Done {text!r}")
            settle = message.ack()
        try:
            await settle
        except LOSSES as error:
            logging.warning("%r: the task %r goes back", error, text)


async def serve(leaving, subscribed):
    """Works on tasks until `leaving` is set or the subscription ends."""
    over, running = asyncio.Event(), set()
    try:
        async with await aio_pika.connect(os.environ["AMQP_URL"]) as connection:
            channel = await connection.channel()
            await channel.set_qos(prefetch_count=PREFETCH)
            arguments = {"x-queue-type": QUEUE_TYPE} if QUEUE_TYPE else None
            queue = await channel.declare_queue(TASK_QUEUE, durable=True, arguments=arguments)
            async with queue.iterator() as tasks:
                subscribed.set()
                underlay = await channel.get_underlay_channel()
                cancelled = asyncio.Event()
                underlay.on_consumer_cancel_callbacks.add(lambda _: cancelled.set())
                closing = asyncio.create_task(close(tasks, (leaving, cancelled), over))
                try:
                    async for message in tasks:
                        task = asyncio.create_task(handle(message, over))
                        running.add(task)
                        task.add_done_callback(running.discard)
                finally:
                    if not over.is_set():
                        closing.cancel()  # once it has begun, a cancel would make aiormq close the channel
                await asyncio.wait([closing])
                if leaving.is_set():
                    await asyncio.gather(*running)
    finally:
        over.set()


async def close(tasks, events, over):
    """Ends the subscription when one of the events is set. The tasks at work are still finished."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waits:
            each.cancel()
    over.set()
    await tasks.close()


sys.exit(asyncio.run(main(serve)))
