"""What producer and worker agree on: where the broker is, how the queue is declared, what a refusal is."""

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
"""The reply code of a broker that is being stopped."""


def parameters() -> Any:
    """Where the broker is. A URL that makes no sense is not quoted, since it may hold a password (P16)."""
    try:
        return pika.URLParameters(os.environ.get("AMQP_URL", "amqp://guest:guest@localhost:5672/%2F"))
    except (ValueError, LookupError, TypeError):
        raise SystemExit("AMQP_URL is not a URL of the form amqp://user:password@host:port/vhost") from None


def connect(where: Any) -> Any:
    """Connects. A peer that resets at once is a ValueError to pika, and out of reach like any other to us."""
    try:
        return pika.BlockingConnection(where)
    except ValueError as error:
        raise ConnectionResetError(str(error)) from error


def declare(channel: Any) -> None:
    """Declares the queue; both sides do it with these very words, or the second is refused (P07).

    Without QUEUE_TYPE the virtual host's default decides, which is classic unless it says otherwise.
    """
    queue_type = os.environ.get("QUEUE_TYPE")
    channel.queue_declare(
        TASK_QUEUE, durable=True, arguments={"x-queue-type": queue_type} if queue_type else None
    )


def refusal(error: Exception) -> str | None:
    """The broker's own words, if it said no; None, if it was out of reach and another attempt may do."""
    match error:
        case exceptions.ChannelClosedByBroker() | exceptions.ConnectionClosedByBroker():
            return None if error.reply_code == CONNECTION_FORCED else f"{error.reply_code} {error.reply_text}"
        case exceptions.ProbableAuthenticationError() | exceptions.ProbableAccessDeniedError():
            # pika says so of any connection lost at that stage; only here did the broker say why.
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
    """Log to stderr, one line for each thing that matters; and let no character in a task stop a print."""
    logging.basicConfig(format="%(asctime)s %(name)s: %(message)s", level=logging.INFO)
    logging.getLogger("pika").setLevel(logging.CRITICAL)  # it tells each failure several times over
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
