"""The worker of RabbitMQ's second tutorial, in its plain form: no heartbeats during a task, no reconnect.

It handles Ctrl-C as the first tutorial does.
"""

import os
import time

import pika

SECONDS_PER_DOT = float(os.environ.get("TASK_SECONDS_PER_DOT", "1"))

connection = pika.BlockingConnection(
    pika.URLParameters(os.environ.get("AMQP_URL", "amqp://guest:guest@localhost:5672/%2F"))
)
channel = connection.channel()
channel.queue_declare(queue="task_queue", durable=True)
print(" [*] Waiting for messages. To exit press CTRL+C")


def callback(ch, method, properties, body):
    print(f" [x] Received '{body.decode()}'")
    time.sleep(body.count(b".") * SECONDS_PER_DOT)
    print(" [x] Done")
    ch.basic_ack(delivery_tag=method.delivery_tag)


channel.basic_qos(prefetch_count=1)
channel.basic_consume(queue="task_queue", on_message_callback=callback)
try:
    channel.start_consuming()
except KeyboardInterrupt:
    print("Interrupted")
