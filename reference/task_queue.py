"""What producer and worker share: the address of the broker, the declaration of the queue, what a refusal is."""

import io
import logging
import os
import re
import sys
from typing import Any

import pika
from pika import exceptions

TASK_QUEUE = "task_queue"

CONNECTION_FORCED = 320
"""The reply code with which a broker closes its connections when it is stopped."""


def parameters() -> Any:
    """The connection parameters from AMQP_URL.

    Raises SystemExit if the URL is malformed. The error does not quote the URL, since it may hold a password
    (P16).
    """
    try:
        return pika.URLParameters(os.environ.get("AMQP_URL", "amqp://guest:guest@localhost:5672/%2F"))
    except (ValueError, LookupError, TypeError):
        raise SystemExit("AMQP_URL is not a URL of the form amqp://user:password@host:port/vhost") from None


def connect(params: Any) -> Any:
    """Connects to the broker.

    Raises ConnectionResetError if the peer resets the connection at once, for which pika raises ValueError.
    """
    try:
        return pika.BlockingConnection(params)
    except ValueError as error:
        raise ConnectionResetError(str(error)) from error


def declare(channel: Any) -> None:
    """Declares the queue. Producer and worker must declare it alike, or the broker refuses the second (P07).

    Without QUEUE_TYPE it has the virtual host's default type, which is classic unless configured otherwise.
    """
    queue_type = os.environ.get("QUEUE_TYPE")
    channel.queue_declare(
        TASK_QUEUE, durable=True, arguments={"x-queue-type": queue_type} if queue_type else None
    )


def refusal(error: Exception) -> str | None:
    """The broker's own reason if it refused; None if the broker was out of reach and a retry may help."""
    match error:
        case exceptions.ChannelClosedByBroker() | exceptions.ConnectionClosedByBroker():
            return None if error.reply_code == CONNECTION_FORCED else f"{error.reply_code} {error.reply_text}"
        case exceptions.ProbableAuthenticationError() | exceptions.ProbableAccessDeniedError():
            # pika raises these for any connection lost at that stage; with this text, the broker refused.
            closed = re.search(r"ConnectionClosedByBroker: \((403|530)\) (.*)", str(error))
            return closed and f"{closed[1]} {closed[2]}"
        case exceptions.UnroutableError():
            returned = error.messages[0].method
            return f"{returned.reply_code} {returned.reply_text}"
        case exceptions.NackError():
            return "basic.nack: the queue did not take the task"
        case exceptions.ConnectionBlockedTimeout():
            return "connection.blocked: a resource alarm (memory or disk) stops those who publish"
        case _:
            return None


def set_up_output() -> None:
    """Logs to stderr, one line for each event that matters. No character in a task makes a print fail."""
    logging.basicConfig(format="%(asctime)s %(name)s: %(message)s", level=logging.INFO)
    logging.getLogger("pika").setLevel(logging.CRITICAL)  # pika logs each failure several times
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
