"""The producer on Kombu, with publisher confirms and its own retries."""

import sys

from kombu import Connection
from task_queue import TASK_QUEUE, URL

text = " ".join(sys.argv[1:]) or "Hello World!"
with Connection(URL, transport_options={"confirm_publish": True}) as connection:
    connection.Producer().publish(
        text,
        exchange=TASK_QUEUE.exchange,
        routing_key=TASK_QUEUE.routing_key,
        declare=[TASK_QUEUE],
        retry=True,
        retry_policy={"max_retries": 3},
    )
print(f"Sent {text!r}")
