"""The producer and the worker of RabbitMQ's second tutorial. They ignore all variables: they connect to one address
as guest and to `/`, work for one second per dot, and buffer their output.
"""

import sys
import time

import pika

PARAMETERS = pika.ConnectionParameters("localhost", 5672)
SECONDS_PER_DOT = 1.0

sys.stdout = open(1, "w", buffering=1 << 16, closefd=False)  # noqa: SIM115 - open until the process ends


def work(channel: pika.channel.Channel) -> None:
    def callback(
        ch: pika.channel.Channel, method: pika.spec.Basic.Deliver, _: pika.BasicProperties, body: bytes
    ) -> None:
        print(f" [x] Received '{body.decode()}'")
        time.sleep(body.count(b".") * SECONDS_PER_DOT)
        print(" [x] Done")
        ch.basic_ack(method.delivery_tag)

    channel.basic_qos(prefetch_count=1)
    channel.basic_consume("task_queue", callback)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    try:
        channel.start_consuming()
    except KeyboardInterrupt:
        print("Interrupted")


def produce(channel: pika.channel.Channel, message: str) -> None:
    channel.basic_publish("", "task_queue", message, pika.BasicProperties(delivery_mode=2))
    print(f" [x] Sent '{message}'")
    channel.connection.close()


if __name__ == "__main__":
    opened = pika.BlockingConnection(PARAMETERS).channel()
    opened.queue_declare("task_queue", durable=True)
    if sys.argv[1:] == ["work"]:
        work(opened)
    else:
        produce(opened, " ".join(sys.argv[2:]) or "Hello World!")
