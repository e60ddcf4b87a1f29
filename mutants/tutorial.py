"""The plain tutorial's producer, with a parameter for each lie that a mutant tells."""

import os
import sys

import pika

URL = os.environ.get("AMQP_URL", "amqp://guest:guest@localhost:5672/%2F")
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
