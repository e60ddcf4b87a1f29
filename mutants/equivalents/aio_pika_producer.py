"""A producer on another client library: aio-pika, with asyncio.

Breaks nothing.
"""

import asyncio
import os
import sys

import aio_pika
from aiormq import exceptions

from reference import new_task
from reference.task_queue import TASK_QUEUE, parameters

QUEUE_TYPE = os.environ.get("QUEUE_TYPE")


def publish(body, message_id):
    parameters()  # ends the program if the URL is malformed, without quoting it
    try:
        asyncio.run(send(body, message_id))
    except exceptions.AMQPConnectionError:
        raise  # it is a ConnectionError, after which the reference tries again
    except exceptions.AMQPError as refusal:
        raise SystemExit(f"not sent: {refusal!r}") from None


async def send(body, message_id):
    async with await aio_pika.connect(os.environ["AMQP_URL"]) as connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        arguments = {"x-queue-type": QUEUE_TYPE} if QUEUE_TYPE else None
        await channel.declare_queue(TASK_QUEUE, durable=True, arguments=arguments)
        message = aio_pika.Message(
            body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT, message_id=message_id
        )
        await channel.default_exchange.publish(message, routing_key=TASK_QUEUE, mandatory=True)


new_task.publish = publish
sys.exit(new_task.main(sys.argv[1:]))
