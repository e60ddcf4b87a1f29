"""The producer on AMQPStorm, with publisher confirms."""

import os
import sys

from amqpstorm import UriConnection

URL = os.environ.get("AMQP_URL", "amqp://guest:guest@localhost:5672/%2F")
QUEUE_TYPE = os.environ.get("QUEUE_TYPE", "classic")

text = " ".join(sys.argv[1:]) or "Hello World!"
with UriConnection(URL) as connection, connection.channel() as channel:
    channel.queue.declare("task_queue", durable=True, arguments={"x-queue-type": QUEUE_TYPE})
    channel.confirm_deliveries()
    sent = channel.basic.publish(
        body=text, routing_key="task_queue", properties={"delivery_mode": 2}, mandatory=True
    )
if not sent:
    sys.exit(f"The broker refused {text!r}")
print(f"Sent {text!r}")
