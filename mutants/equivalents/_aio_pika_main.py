"""The life of a worker on aio-pika: it subscribes again after a loss, and leaves when it is told to."""

import asyncio
import logging
import os
import signal

from aiormq import exceptions

from reference.deadlines import delays
from reference.task_queue import parameters

SECONDS_PER_DOT = float(os.environ.get("TASK_SECONDS_PER_DOT", "1"))
PATIENCE = 60.0
GRACE = float(os.environ.get("WORKER_GRACE_SECONDS", "5"))
LOSSES = (exceptions.AMQPError, exceptions.ChannelInvalidStateError, OSError)
REFUSALS = (
    exceptions.ChannelPreconditionFailed,
    exceptions.ChannelAccessRefused,
    exceptions.ChannelLockedResource,
)


async def work(text):
    await asyncio.sleep(text.count(".") * SECONDS_PER_DOT)
    if "error" in text:
        raise RuntimeError("the task holds the word 'error'")


async def main(serve):
    """Calls `serve(leaving, subscribed)` again and again, which works on tasks until `leaving` is set or its
    subscription ends, and sets `subscribed`. Returns the exit status, or the reason for a failure.
    """
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
        except LOSSES as error:
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
