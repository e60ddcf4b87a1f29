"""The actor, and the broker that carries its messages."""

import os
import time

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker

URL = os.environ.get("AMQP_URL", "amqp://guest:guest@localhost:5672/%2F")
SECONDS_PER_DOT = float(os.environ.get("TASK_SECONDS_PER_DOT", "1"))

dramatiq.set_broker(RabbitmqBroker(url=URL, confirm_delivery=True))


@dramatiq.actor(queue_name="task_queue")
def work(text):
    time.sleep(text.count(".") * SECONDS_PER_DOT)
    if "error" in text:
        raise RuntimeError(f"cannot do {text!r}")
