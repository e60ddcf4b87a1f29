"""A worker that rejects a failed task to a retry queue, from which the task comes back. When the task has died
three times on the worker's queue, the worker publishes it to a dead-letter queue.

Breaks nothing.
"""

import os
import sys

import pika

from reference import worker
from reference.task_queue import TASK_QUEUE, connect, parameters

RETRY, DEAD = f"{TASK_QUEUE}.retry", f"{TASK_QUEUE}.dead"


def to(queue):
    return {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": queue}


def declare(channel):
    channel.queue_declare(DEAD, durable=True)
    channel.queue_declare(RETRY, durable=True, arguments={"x-message-ttl": 200, **to(TASK_QUEUE)})
    kind = {"x-queue-type": os.environ.get("QUEUE_TYPE", "classic")}
    channel.queue_declare(TASK_QUEUE, durable=True, arguments={**kind, **to(RETRY)})


class Worker(worker.Worker):
    def handle(self, channel, delivery, properties, body):
        self.properties, self.body = properties, body
        super().handle(channel, delivery, properties, body)

    def settle(self, channel, delivery, text, error):
        deaths = (self.properties.headers or {}).get("x-death", [])
        if error and sum(death["count"] for death in deaths if death["queue"] == TASK_QUEUE) >= 3:
            self.park()
            error = None
        super().settle(channel, delivery, text, error)

    def park(self):
        with connect(parameters()) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            kept = pika.BasicProperties(**{**vars(self.properties), "delivery_mode": 2})
            channel.basic_publish("", DEAD, self.body, kept, mandatory=True)


worker.declare, worker.Worker = declare, Worker
sys.exit(worker.main())
