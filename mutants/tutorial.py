"""The plain tutorial's producer and worker, with a parameter for each lie that a mutant tells."""

import contextlib
import os
import sys
import time

import pika

URL = os.environ.get("AMQP_URL", "amqp://guest:guest@localhost:5672/%2F")
SECONDS_PER_DOT = float(os.environ.get("TASK_SECONDS_PER_DOT", "1"))
PERSISTENT, TRANSIENT = 2, 1


def publish(delivery_mode=PERSISTENT, durable=True):
    """Sends the words of the command line as one task."""
    connection = pika.BlockingConnection(pika.URLParameters(URL))
    channel = connection.channel()
    channel.queue_declare("task_queue", durable=durable)
    message = " ".join(sys.argv[1:]) or "Hello World!"
    channel.basic_publish("", "task_queue", message, pika.BasicProperties(delivery_mode=delivery_mode))
    print(f" [x] Sent '{message}'")
    connection.close()


def work(auto_ack=False, prefetch=1, ack_first=False, durable=True):
    """Works on tasks until it is killed or its connection is lost."""
    channel = pika.BlockingConnection(pika.URLParameters(URL)).channel()
    channel.queue_declare("task_queue", durable=durable)

    def callback(ch, method, properties, body):
        print(f" [x] Received '{body.decode()}'", flush=True)
        if ack_first:
            ch.basic_ack(method.delivery_tag)
        time.sleep(body.count(b".") * SECONDS_PER_DOT)
        print(" [x] Done", flush=True)
        if not (ack_first or auto_ack):
            ch.basic_ack(method.delivery_tag)

    if prefetch:
        channel.basic_qos(prefetch_count=prefetch)
    channel.basic_consume("task_queue", callback, auto_ack=auto_ack)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        channel.start_consuming()
