"""A worker that is a callback of pika and no more: `AMQP_URL` says where the broker is. It prints nothing.

`python -m benchmarks.raw_worker` works on `task_queue` with prefetch 1, and with manual acknowledgement. It sends
no heartbeats during a task, as everything happens in the callback.
"""

import os

import pika


def main() -> None:
    """Works until it is killed."""
    with pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"])) as connection:
        channel = connection.channel()
        channel.queue_declare("task_queue", durable=True)
        channel.basic_qos(prefetch_count=1)

        def callback(channel: pika.channel.Channel, delivery: object, _: object, body: bytes) -> None:
            assert body.count(b".") == 0
            channel.basic_ack(delivery.delivery_tag)  # type: ignore[attr-defined]

        channel.basic_consume("task_queue", callback)
        channel.start_consuming()


if __name__ == "__main__":
    main()
