"""A worker on another client library: kombu over py-amqp. It works in a thread beside the event loop.

Breaks nothing.
"""

import os
import sys
import time

import kombu
from amqp import exceptions

from reference import worker
from reference.task_queue import TASK_QUEUE, parameters

QUEUE_TYPE = os.environ.get("QUEUE_TYPE")


class Worker(worker.Worker):
    def serve(self):
        parameters()  # ends the worker if the URL is not valid, without printing it
        try:
            with kombu.Connection(os.environ["AMQP_URL"], heartbeat=60) as connection:
                connection.connect()  # one attempt, and kombu does not change the error
                try:
                    self.take_tasks(connection)
                except exceptions.RecoverableConnectionError:
                    connection.connection.collect()  # closing would wait for a peer that may be silent
                    raise
        except exceptions.AMQPError as error:
            if self.subscribed_at is None and not isinstance(error, exceptions.RecoverableConnectionError):
                sys.exit(f"refused: {error}")
            raise ConnectionError(str(error)) from error

    def take_tasks(self, connection):
        queue = kombu.Queue(
            TASK_QUEUE,
            durable=True,
            queue_arguments={"x-queue-type": QUEUE_TYPE} if QUEUE_TYPE else None,
            channel=connection.default_channel,
        )
        queue.declare()
        inbox = []
        consumer = kombu.Consumer(connection, [queue], on_message=inbox.append, prefetch_count=1)
        consumer.consume()
        self.subscribed_at = time.monotonic()
        while True:
            leaving = self.stopping
            listen(connection)
            if inbox:
                self.handle_message(connection, consumer, inbox.pop())
            elif leaving:
                return

    def handle_message(self, connection, consumer, message):
        text = bytes(message.body).decode(errors="replace") if message.body else ""
        task = self.thread.submit(worker.work, text)
        try:
            while not task.done():
                listen(connection)
        finally:
            worker.wait([task])
        if self.stopping:
            consumer.cancel()
        if error := task.exception():
            worker.log.error("task %r failed and is given up", text, exc_info=error)
            message.reject()
        else:
            worker.say(f" [x] Done {text!r}")
            message.ack()


def listen(connection):
    """Handles what arrives within 0.05 s, and checks and sends heartbeats."""
    try:
        connection.drain_events(timeout=0.05)
    except TimeoutError:
        connection.heartbeat_check()


worker.Worker = Worker
sys.exit(worker.main())
