"""Which library a program uses, as the wire shows it: a pure function of the events of a report.

Each client library names itself in `connection.start-ok`. A framework that is built on a library sends the name of
that library, and is recognised by what it declares and by its messages.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .events import EventData, HistoryData

_PRODUCTS: Mapping[str, str] = {
    "Pika Python Client Library": "pika",
    "aiormq": "aio-pika",  # on which aio-pika is built
    "py-amqp": "kombu",  # on which Kombu is built, and Celery on Kombu
    "amqplib": "amqplib",
    "AMQP 0.9.1 Client": "amqp091-go",
    "Bunny": "bunny",
    "AMQPLib": "php-amqplib",
}
_OF_RABBITMQ: Mapping[str, str] = {"Java": "java-client", ".NET": "dotnet-client"}
"""The clients of the product "RabbitMQ", by their platforms."""
_NAME_IN_SPRING = re.compile(r".+#[0-9a-f]+:\d+(\.publisher)?")
"""How Spring AMQP names its connections, such as `rabbitConnectionFactory#1b2c3d:0`."""
_ROLES: Mapping[str, tuple[str, ...]] = {
    "producer": ("producer", "service"),
    "worker": ("worker",),
    "system": ("producer", "service", "worker"),
}
"""The parties that are judged by the clauses that somebody owes."""


def library_of(role: str, histories: Sequence[HistoryData]) -> str:
    """The library of the parties that owe a clause, by its key in `specification/remedies.py`. Empty if it is
    unknown, if they use several, or if `role` is the broker.
    """
    events = [
        event
        for history in histories
        for event in history["events"]
        if event["party"].startswith(_ROLES.get(role, ())) and "sender" in event
    ]
    named = {_named(event) for event in events if event["name"] == "Connection.StartOk"}
    library = named.pop() if len(named) == 1 else ""
    if library == "kombu" and any(map(_is_of_celery, events)):
        return "celery"
    if library == "pika" and any(map(_is_of_dramatiq, events)):
        return "dramatiq"
    return library


def _named(start_ok: EventData) -> str:
    properties = start_ok.get("fields", {}).get("client_properties")
    if not isinstance(properties, dict):  # unknown, or cut text
        return ""
    product, platform = properties.get("product"), properties.get("platform")
    if product != "RabbitMQ":
        return _PRODUCTS.get(str(product), "")
    if platform == "Java" and _NAME_IN_SPRING.fullmatch(str(properties.get("connection_name"))):
        return "spring-amqp"
    return _OF_RABBITMQ.get(str(platform), "")


def _is_of_celery(event: EventData) -> bool:
    """Whether Celery declared this exchange, or made this message."""
    fields: Mapping[str, Any] = event.get("fields", {})
    headers = event.get("properties", {}).get("headers", ())
    exchange = str(fields.get("exchange", ""))
    of_control = event["name"] == "Exchange.Declare" and exchange.endswith(("celeryev", "celery.pidbox"))
    return of_control or _holds(headers, "task", "lang")


def _is_of_dramatiq(event: EventData) -> bool:
    """Whether Dramatiq declared this queue: with a queue for dead letters, or for delayed messages; or whether it
    made this message.
    """
    fields: Mapping[str, Any] = event.get("fields", {})
    arguments = fields.get("arguments")
    dead_letters = arguments.get("x-dead-letter-routing-key") if isinstance(arguments, dict) else ""
    names = (str(fields.get("queue")), str(dead_letters))
    declared = event["name"] == "Queue.Declare" and any(name.endswith((".DQ", ".XQ")) for name in names)
    return declared or '"actor_name":' in event.get("body", "")


def _holds(headers: Iterable[str], *names: str) -> bool:
    """Whether the headers hold all these names. If there were too many headers, they are cut text."""
    return all((f'"{name}"' if isinstance(headers, str) else name) in headers for name in names)
