"""The worker on AMQPStorm. It connects again, as the library's robust consumer does."""

import logging
import os
import time

from amqpstorm import AMQPError, UriConnection

URL = os.environ.get("AMQP_URL", "amqp://guest:guest@localhost:5672/%2F")
QUEUE_TYPE = os.environ.get("QUEUE_TYPE", "classic")
SECONDS_PER_DOT = float(os.environ.get("TASK_SECONDS_PER_DOT", "1"))

logging.basicConfig(level=logging.INFO)
LOGGER = logging.getLogger()


class Consumer:
    def __init__(self):
        self.connection = None

    def create_connection(self):
        attempts = 0
        while True:
            attempts += 1
            try:
                self.connection = UriConnection(URL)
                break
            except AMQPError as why:
                LOGGER.warning(why)
                time.sleep(min(attempts * 2, 30))

    def start(self):
        self.create_connection()
        while True:
            try:
                channel = self.connection.channel()
                channel.queue.declare("task_queue", durable=True, arguments={"x-queue-type": QUEUE_TYPE})
                channel.basic.qos(prefetch_count=1)
                channel.basic.consume(self, "task_queue")
                channel.start_consuming()
                if not channel.consumer_tags:
                    channel.close()
            except AMQPError as why:
                LOGGER.warning(why)
                self.create_connection()

    def __call__(self, message):
        try:
            work(message.body)
        except Exception:
            LOGGER.exception("Task failed: %r", message.body)
            message.reject(requeue=False)
        else:
            message.ack()


def work(text):
    time.sleep(text.count(".") * SECONDS_PER_DOT)
    if "error" in text:
        raise RuntimeError(f"cannot do {text!r}")


if __name__ == "__main__":
    consumer = Consumer()
    try:
        consumer.start()
    except KeyboardInterrupt:
        if consumer.connection:
            consumer.connection.close()
