"""The base of workers that publish a failed task to a queue for failed tasks, over a separate connection."""

import os

from pika import BasicProperties

from reference import worker
from reference.task_queue import TASK_QUEUE, connect, parameters

FAILED = f"{TASK_QUEUE}.failed"


class HandingOn(worker.Worker):
    confirmed = True
    delivery_mode = 2
    durable = True

    def handle(self, channel, delivery, properties, body):
        self.properties = properties
        super().handle(channel, delivery, properties, body)

    def settle(self, channel, delivery, text, error):
        if error:
            worker.log.error("task %r failed and is put aside", text)
            with connect(parameters()) as connection:
                self.hand_on(connection.channel(), text)
            channel.basic_ack(delivery.delivery_tag)
        else:
            super().settle(channel, delivery, text, error)

    def hand_on(self, channel, text):
        arguments = {"x-queue-type": os.environ.get("QUEUE_TYPE", "classic")} if self.durable else None
        channel.queue_declare(FAILED, durable=self.durable, arguments=arguments)
        if self.confirmed:
            channel.confirm_delivery()
        properties = BasicProperties(**{**vars(self.properties), "delivery_mode": self.delivery_mode})
        channel.basic_publish("", FAILED, text.encode(), properties, mandatory=self.confirmed)
