"""The worker on Kombu's ConsumerMixin, which reconnects by itself."""

import logging
import os
import time

from kombu import Connection
from kombu.mixins import ConsumerMixin
from task_queue import TASK_QUEUE, URL

SECONDS_PER_DOT = float(os.environ.get("TASK_SECONDS_PER_DOT", "1"))

logger = logging.getLogger(__name__)


class Worker(ConsumerMixin):
    def __init__(self, connection):
        self.connection = connection

    def get_consumers(self, Consumer, channel):
        return [Consumer(queues=[TASK_QUEUE], callbacks=[self.on_task], prefetch_count=1)]

    def on_task(self, text, message):
        logger.info("Got task: %r", text)
        try:
            work(text)
        except Exception:
            logger.exception("Task failed: %r", text)
            message.reject()
        else:
            message.ack()


def work(text):
    time.sleep(text.count(".") * SECONDS_PER_DOT)
    if "error" in text:
        raise RuntimeError(f"cannot do {text!r}")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    with Connection(URL) as connection:
        try:
            Worker(connection).run()
        except KeyboardInterrupt:
            print("bye bye")
