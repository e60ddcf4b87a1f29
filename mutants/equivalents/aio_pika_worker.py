"""A worker on another client library: aio-pika, with asyncio in one thread.

Breaks nothing.
"""

import asyncio
import logging
import os
import signal
import sys

import aio_pika
from aiormq import exceptions

from reference.deadlines import delays
from reference.task_queue import TASK_QUEUE, parameters

QUEUE_TYPE = os.environ.get("QUEUE_TYPE")
SECONDS_PER_DOT = float(os.environ.get("TASK_SECONDS_PER_DOT", "1"))
PATIENCE = 60.0
GRACE = float(os.environ.get("WORKER_GRACE_SECONDS", "5"))
REFUSALS = (
    exceptions.ChannelPreconditionFailed,
    exceptions.ChannelAccessRefused,
    exceptions.ChannelLockedResource,
)


async def work(text):
    await asyncio.sleep(text.count(".") * SECONDS_PER_DOT)
    if "error" in text:
        raise RuntimeError("the task holds the word 'error'")


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


async def main():
    parameters()  # ends the worker if the URL is not valid, without printing it
    leaving, subscribed = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def leave():
        leaving.set()
        loop.call_later(GRACE, os._exit, 1)  # whatever it waits for then: a task or the broker

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, leave)
    waits = delays(PATIENCE)
    while True:
        subscribed.clear()
        reason = "the subscription ended"
        try:
            await serve(leaving, subscribed)
        except REFUSALS as refusal:
            if not subscribed.is_set():
                return f"refused: {refusal}"
            reason = refusal
        except (exceptions.AMQPError, exceptions.ChannelInvalidStateError, OSError) as error:
            reason = error
        if leaving.is_set():
            return 0
        if subscribed.is_set():
            waits = delays(PATIENCE)
        wait = next(waits, None)
        if wait is None:
            return f"gave up: {reason!r}"
        logging.warning("%r; subscribing again in %.1f s", reason, wait)
        await asyncio.sleep(wait)


sys.exit(asyncio.run(main()))
