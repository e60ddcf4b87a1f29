"""`python -m reference.new_task First task.` sends one task.

It prints ` [x] Sent` and exits 0 once the broker has confirmed that the task is in the queue. Otherwise it
says why not and exits 1, after PRODUCER_PATIENCE_SECONDS (10) at the latest. Even then the task may be in
the queue: the connection may have broken after the broker took the task and before its confirm arrived.
"""

import contextlib
import logging
import os
import sys
import threading
import time
import uuid
from typing import Any

import pika
from pika.exceptions import AMQPError

from .deadlines import CLOSING, delays, exit_after
from .task_queue import TASK_QUEUE, connect, declare, parameters, refusal, set_up_output

PATIENCE = float(os.environ.get("PRODUCER_PATIENCE_SECONDS", "10"))

log = logging.getLogger(__package__)
confirmed = threading.Event()


def publish(body: bytes, message_id: str) -> None:
    """Publishes the task on a connection of its own and returns when the broker has confirmed it (P02)."""
    params = parameters()
    params.blocked_connection_timeout = PATIENCE / 2  # P11
    connection = connect(params)
    channel = connection.channel()
    declare(channel)
    channel.confirm_delivery()
    channel.basic_publish(
        exchange="",
        routing_key=TASK_QUEUE,
        body=body,
        properties=pika.BasicProperties(delivery_mode=pika.DeliveryMode.Persistent, message_id=message_id),
        mandatory=True,  # otherwise the broker drops a task that no queue takes, and confirms it (P04)
    )
    confirmed.set()
    close(connection)


def close(connection: Any) -> None:
    """Closes the connection, and waits at most CLOSING seconds for the broker's answer: the task is confirmed."""

    def wait_for_close_ok() -> None:
        with contextlib.suppress(AMQPError):
            connection.close()

    closing = threading.Thread(target=wait_for_close_ok, daemon=True)
    closing.start()
    closing.join(CLOSING)


def main(words: list[str]) -> int:
    """Sends the words as one task, and again with the same message id until it is confirmed (P06).

    Returns the exit status.
    """
    set_up_output()
    exit_after(PATIENCE, f"not sent: no confirm within {PATIENCE:g} s", unless=confirmed.is_set)
    text = " ".join(words) if words else "Hello World!"
    body = os.fsencode(text)  # the bytes of the command line, even those that are not UTF-8 (P09)
    message_id = str(uuid.uuid4())
    waits, began = delays(PATIENCE), time.monotonic()
    while True:
        try:
            publish(body, message_id)
        except (AMQPError, OSError) as error:
            if words_of_broker := refusal(error):
                log.error("not sent: %s", words_of_broker)
                return 1
            wait = next(waits, None)
            if wait is None:
                log.error("not sent, and given up after %.1f s: %r", time.monotonic() - began, error)
                return 1
            log.warning("not sent yet: %r; again in %.1f s", error, wait)
            time.sleep(wait)
        else:
            print(f" [x] Sent {text!r}", flush=True)
            return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
