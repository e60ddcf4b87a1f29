"""A producer written in callbacks, on pika's SelectConnection: each reply of the broker triggers the next step.

Breaks nothing.
"""

import sys

import pika
from pika import exceptions

from reference import new_task
from reference.task_queue import TASK_QUEUE, declare, parameters


class Attempt:
    """One attempt to send the task. `outcome` is why it failed, or None if the task was confirmed."""

    def __init__(self, body, message_id):
        self.body, self.message_id = body, message_id
        self.outcome = None
        params = parameters()
        params.blocked_connection_timeout = new_task.PATIENCE / 2
        self.connection = pika.SelectConnection(
            params,
            on_open_callback=lambda connection: connection.channel(on_open_callback=self.opened),
            on_open_error_callback=self.ended,
            on_close_callback=self.ended,
        )
        self.connection.ioloop.start()

    def opened(self, channel):
        channel.add_on_close_callback(self.closed)
        channel.add_on_return_callback(self.returned)
        declare(CallbackChannel(channel, lambda _declared: channel.confirm_delivery(self.replied, self.send)))
        self.channel = channel

    def send(self, _selected):
        properties = pika.BasicProperties(
            delivery_mode=pika.DeliveryMode.Persistent, message_id=self.message_id
        )
        self.channel.basic_publish("", TASK_QUEUE, self.body, properties, mandatory=True)

    def returned(self, _channel, method, _properties, _body):
        self.outcome = SystemExit(f"not sent: {method.reply_code} {method.reply_text}")

    def replied(self, frame):
        if isinstance(frame.method, pika.spec.Basic.Nack):
            self.outcome = SystemExit("not sent: basic.nack")
        self.sent = True
        self.connection.close()

    def closed(self, _channel, reason):
        if isinstance(reason, exceptions.ChannelClosedByBroker):
            self.outcome = reason
            self.connection.close()

    def ended(self, connection, reason):
        if not isinstance(reason, exceptions.ConnectionClosedByClient):
            self.outcome = self.outcome or reason
        connection.ioloop.stop()


class CallbackChannel:
    """A channel on which a declaration ends in a callback."""

    def __init__(self, channel, callback):
        self._channel, self._callback = channel, callback

    def queue_declare(self, queue, **properties):
        self._channel.queue_declare(queue, **properties, callback=self._callback)


def publish(body, message_id):
    if outcome := Attempt(body, message_id).outcome:
        raise outcome


new_task.publish = publish
sys.exit(new_task.main(sys.argv[1:]))
