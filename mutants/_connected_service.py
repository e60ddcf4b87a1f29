"""A service that keeps one connection and one channel, which it opens at its start."""

import contextlib
import threading

import pika
from pika.exceptions import AMQPError

from reference import new_task
from reference.task_queue import TASK_QUEUE, connect, declare, parameters


class Publisher:
    """Publishes on its connection, one task at a time, and connects again if it has lost the connection."""

    confirms = True

    def __init__(self):
        self.turn = threading.Lock()
        self.connection = self.channel = None
        threading.Thread(target=self.stay_connected, daemon=True).start()

    def connected(self):
        """The channel. Opens it if it is not open."""
        if self.connection is not None and self.connection.is_open:
            with contextlib.suppress(AMQPError):
                self.connection.process_data_events(
                    time_limit=0
                )  # it learns whether it has lost the connection
        if self.channel is None or not self.channel.is_open:
            if self.connection is None or not self.connection.is_open:
                params = parameters()
                params.blocked_connection_timeout = new_task.PATIENCE / 2
                self.connection = connect(params)
            self.channel = self.connection.channel()
            declare(self.channel)
            if self.confirms:
                self.channel.confirm_delivery()
        return self.channel

    def stay_connected(self):
        """Connects at the start, and answers the broker's heartbeats while no task comes."""
        pause = threading.Event()
        while not pause.wait(0.5):
            with self.turn, contextlib.suppress(AMQPError, OSError):
                self.connected()

    def __call__(self, body, message_id):
        """Publishes the body, and returns when the broker has confirmed it."""
        with self.turn:
            self.publish(self.connected(), **message(body, message_id))

    def publish(self, channel, **message):
        """Publishes on this channel."""
        channel.basic_publish(**message)


class ForgetfulPublisher(Publisher):
    """Writes a task, and takes no notice of what becomes of it."""

    def publish(self, channel, **message):
        """Writes the task."""
        with contextlib.suppress(AMQPError):
            channel._impl.basic_publish(**message)
            channel.connection.process_data_events(time_limit=0)


def message(body, message_id):
    """The arguments of a publish."""
    persistent = pika.DeliveryMode.Persistent
    properties = pika.BasicProperties(delivery_mode=persistent, message_id=message_id)
    return {
        "exchange": "",
        "routing_key": TASK_QUEUE,
        "body": body,
        "properties": properties,
        "mandatory": True,
    }
