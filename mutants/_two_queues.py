"""The base of workers that take tasks from two queues, each with a retry queue of its own.

What they reject goes to the retry queue by a dead letter exchange, and comes back by the TTL. After three attempts
they put the task on the queue of dead tasks.
"""

from collections import deque

import pika

from mutants import _several_at_once as several
from reference import worker
from reference.task_queue import connect, parameters

QUEUES, DEAD = ("jobs", "jobs.urgent"), "jobs.dead"
ATTEMPTS = 3


class Worker(several.Worker):
    """Works on one task at a time, and holds one of each queue."""

    prefetch = concurrency = 1

    def subscribe(self, channel):
        """Declares the queues and subscribes to both; the consumer tag is the queue's name."""
        self.properties = {}
        self.waiting = deque()
        channel.queue_declare(DEAD, durable=True)
        channel.add_on_cancel_callback(self.on_cancel)
        for queue in QUEUES:
            retry = f"{queue}.retry"
            arguments = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": retry}
            channel.queue_declare(queue, durable=True, arguments=arguments)
            channel.queue_declare(
                retry, durable=True, arguments={**self.back(), "x-dead-letter-routing-key": queue}
            )
        self.limit(channel)
        for queue in QUEUES:
            channel.basic_consume(queue, lambda *delivery: self.take(*delivery), consumer_tag=queue)
        self.subscribed_at = worker.time.monotonic()
        return self.waiting

    def back(self):
        """The arguments of a retry queue, beside the key by which its tasks go back."""
        return {"x-message-ttl": 300, "x-dead-letter-exchange": ""}

    def take(self, channel, delivery, properties, body):
        """Notes the message, which may have to be handed on."""
        self.properties[delivery.delivery_tag] = properties, body
        super().take(channel, delivery, properties, body)

    def settle(self, channel, delivery, text, error):
        """Acknowledges a task that is done or handed on, and rejects one that is to be tried again."""
        properties, body = self.properties.pop(delivery.delivery_tag)
        deaths = (properties.headers or {}).get("x-death", [])
        died = sum(
            death["count"]
            for death in deaths
            if death["queue"] == delivery.consumer_tag and death["reason"] == "rejected"
        )
        if error and died + 1 >= ATTEMPTS:
            worker.log.error("task %r failed %d times and is handed on", text, died + 1)
            properties.delivery_mode = pika.DeliveryMode.Persistent.value
            with connect(parameters()) as connection:
                on = connection.channel()
                on.confirm_delivery()
                on.basic_publish("", DEAD, body, properties, mandatory=True)
            error = None
        super().settle(channel, delivery, text, error)


def run(kind=Worker):
    """Runs a worker of this kind. Returns the exit status."""
    return several.run(kind)
