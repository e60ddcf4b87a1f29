"""The base of programs that declare nothing: everything is made by definitions of the broker.

A worker rejects a task that fails. A policy dead-letters it to a retry queue, which gives it back by its TTL. After
three attempts the worker puts the task on the queue of dead tasks.
"""

import pika

from reference import new_task, worker
from reference.task_queue import connect, parameters

QUEUE, DEAD = "orders", "orders.dead"
ATTEMPTS = 3


class Worker(worker.Worker):
    """Rejects a failed task twice, and then puts it on another queue."""

    dead = DEAD

    def handle(self, channel, delivery, properties, body):
        """Notes the message, which may have to be handed on."""
        self.message = properties, body
        super().handle(channel, delivery, properties, body)

    def settle(self, channel, delivery, text, error):
        """Acknowledges a task that is done or handed on, and rejects one that is to be tried again."""
        deaths = (self.message[0].headers or {}).get("x-death", [])
        died = sum(
            death["count"] for death in deaths if death["queue"] == QUEUE and death["reason"] == "rejected"
        )
        if error and died + 1 >= ATTEMPTS:
            worker.log.error("task %r failed %d times and is handed on", text, died + 1)
            self.hand_on()
            error = None
        super().settle(channel, delivery, text, error)

    def hand_on(self):
        """Publishes the task to the queue of dead tasks, and returns when it is confirmed."""
        properties, body = self.message
        properties.delivery_mode = pika.DeliveryMode.Persistent.value
        with connect(parameters()) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            channel.basic_publish("", self.dead, body, properties, mandatory=True)


def as_worker(kind=Worker):
    """Makes the reference's worker one that declares nothing. Returns its `main`."""
    worker.TASK_QUEUE, worker.declare, worker.Worker = QUEUE, lambda channel: None, kind
    return worker.main


def as_producer():
    """Makes the reference's producer one that declares nothing. Returns its `main`."""
    publish = pika.adapters.blocking_connection.BlockingChannel.basic_publish

    def to_the_exchange(channel, **message):
        return publish(channel, **{**message, "exchange": "shop", "routing_key": "order.new"})

    pika.adapters.blocking_connection.BlockingChannel.basic_publish = to_the_exchange
    new_task.declare = lambda channel: None
    return new_task.main
