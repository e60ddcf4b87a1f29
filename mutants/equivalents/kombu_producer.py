"""A producer on another client library: kombu over py-amqp.

Breaks nothing.
"""

import os
import sys

import kombu
from amqp import exceptions

from reference import new_task
from reference.task_queue import TASK_QUEUE, parameters

QUEUE_TYPE = os.environ.get("QUEUE_TYPE")


def publish(body, message_id):
    parameters()  # ends the program if the URL is malformed, without quoting it
    url, confirms = os.environ["AMQP_URL"], {"confirm_publish": True}
    try:
        with kombu.Connection(url, transport_options=confirms) as connection:
            send(connection, body, message_id)
    except exceptions.RecoverableConnectionError as error:
        raise ConnectionError(str(error)) from error
    except (exceptions.AMQPError, exceptions.MessageNacked) as refusal:
        raise SystemExit(f"not sent: {refusal!r}") from None


def send(connection, body, message_id):
    arguments = {"x-queue-type": QUEUE_TYPE} if QUEUE_TYPE else None
    kombu.Queue(TASK_QUEUE, durable=True, queue_arguments=arguments)(connection.default_channel).declare()
    returned = []
    producer = kombu.Producer(connection, on_return=lambda error, *_: returned.append(error))
    producer.publish(
        body,
        exchange="",
        routing_key=TASK_QUEUE,
        delivery_mode="persistent",
        content_type="text/plain",
        content_encoding="utf-8",
        message_id=message_id,
        mandatory=True,
        confirm_timeout=new_task.PATIENCE / 2,
    )
    if returned:
        raise returned[0]


new_task.publish = publish
sys.exit(new_task.main(sys.argv[1:]))
