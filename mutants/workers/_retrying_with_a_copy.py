"""The base of workers that publish a failed task again, up to three times, and count the attempts in a header."""

from pika import BasicProperties

from reference import worker
from reference.task_queue import TASK_QUEUE


class Retrying(worker.Worker):
    expiration = None

    def handle(self, channel, delivery, properties, body):
        self.properties = properties
        self.attempt = (properties.headers or {}).get("attempt", 1)
        super().handle(channel, delivery, properties, body)

    def settle(self, channel, delivery, text, error):
        if error and self.attempt < 3:
            channel.connection.sleep(0.2)
            self.send_anew(channel, text)
            channel.basic_ack(delivery.delivery_tag)
        else:
            super().settle(channel, delivery, text, error)

    def send_anew(self, channel, text):
        headers = {**(self.properties.headers or {}), "attempt": self.attempt + 1}
        changed = {"delivery_mode": 2, "expiration": self.expiration, "headers": headers}
        again = BasicProperties(**{**vars(self.properties), **changed})
        channel.basic_publish("", TASK_QUEUE, text.encode(), again)
