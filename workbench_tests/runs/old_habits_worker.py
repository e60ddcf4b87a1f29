"""A worker with habits that later versions of RabbitMQ do not allow. It needs pika alone."""

import os
import time

import pika

OLD_ARGUMENTS = (
    {"x-queue-mode": "lazy"},
    {"x-queue-version": 1},
    {"x-queue-master-locator": "min-masters"},
)


def main() -> None:
    parameters = pika.URLParameters(os.environ["AMQP_URL"])
    parameters.frame_max = 4096
    channel = pika.BlockingConnection(parameters).channel()
    channel.queue_declare("task_queue", durable=True)
    channel.queue_declare("notes", durable=False)
    for number, arguments in enumerate(OLD_ARGUMENTS):
        channel.queue_declare(f"notes_{number}", durable=True, arguments=arguments)
    channel.basic_qos(prefetch_count=1, global_qos=True)
    for method, _, body in channel.consume("task_queue"):
        time.sleep(body.count(b".") * float(os.environ["TASK_SECONDS_PER_DOT"]))
        channel.basic_ack(method.delivery_tag)


if __name__ == "__main__":
    main()
