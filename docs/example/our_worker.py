"""Our worker: it enters invoices into the books, one at a time.

`EARLY=1` makes it acknowledge an invoice before the work, which is wrong: the test shows how that is found.
"""

import os
import signal
import sys
import time

import pika

SECONDS_PER_DOT = float(os.environ.get("TASK_SECONDS_PER_DOT", "1"))
EARLY = os.environ.get("EARLY") == "1"


def enter(channel, method, properties, body):
    """Enters one invoice, and acknowledges it when it is in the books."""
    if EARLY:
        channel.basic_ack(method.delivery_tag)
    time.sleep(body.count(b".") * SECONDS_PER_DOT)
    if not EARLY:
        channel.basic_ack(method.delivery_tag)


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
url = os.environ.get("AMQP_URL", "amqp://guest:guest@localhost:5672/%2F")
channel = pika.BlockingConnection(pika.URLParameters(url)).channel()
arguments = {"x-queue-type": os.environ.get("QUEUE_TYPE", "classic")}
channel.queue_declare("task_queue", durable=True, arguments=arguments)
channel.basic_qos(prefetch_count=1)
channel.basic_consume("task_queue", enter)
channel.start_consuming()
