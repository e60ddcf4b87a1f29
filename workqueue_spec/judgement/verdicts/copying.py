"""What the copy of a failed task keeps of the message that the worker was given."""

from collections.abc import Iterator

from pamqp import commands

from ..encodings import holds
from ..ledger import Delivery, Ledger, Publication
from ..tasks import Task
from .handing_on import made_while_held
from .routing import declaration, queues_for
from .verdict import Verdict

KEPT = ("content_type", "content_encoding", "priority", "correlation_id", "reply_to", "message_type")
"""The properties, besides the id and the headers, that belong to the task and not to its sender or its time."""


def keeps_the_id(ledger: Ledger, task: Task) -> Verdict:
    """Each copy that was handed on has the message_id of the task, if the task had one: as its message_id, or
    anywhere else in it.

    Of several copies of one delivery, one is enough: the others may be notifications.
    """
    expected = "the task's message_id in its copy"
    for delivery, copies in _copies(ledger, task):
        given = delivery.properties.message_id
        if given and not any(_names(copy, given) for copy in copies):
            seen = f"message_id {copies[0].properties.message_id!r} in the copy to '{copies[0].routing_key}'"
            return Verdict(False, expected, f"{seen}, of a task with {given!r}")
    return Verdict(True, expected, "no copy without it")


def keeps_the_rest(ledger: Ledger, task: Task) -> Verdict:
    """Each copy that was handed on has the same properties as the task (KEPT), and headers with the same names.

    The values of headers may differ: a worker counts attempts in them, or a tracing library changes its own. Of
    several copies of one delivery, one is enough.
    """
    expected = "the task's properties and headers in its copy"
    for delivery, copies in _copies(ledger, task):
        lost = [list(_lost(delivery, copy)) for copy in copies]
        if all(lost):
            return Verdict(
                False, expected, f"the copy to '{copies[0].routing_key}' has no {', '.join(lost[0])}"
            )
    return Verdict(True, expected, "no copy without them")


def _copies(ledger: Ledger, task: Task) -> Iterator[tuple[Delivery, list[Publication]]]:
    """The deliveries of the task that were acknowledged, each with its copies on the same queue or on a queue that
    the program declares.

    If the worker rejects a task, the task itself goes on, and what it published may be a notification.
    """
    published = ledger.carrying(task.mark)
    for delivery in ledger.of(task.mark):
        if not delivery.acknowledged:
            continue
        copies = [
            copy
            for copy in made_while_held(delivery, published)
            for place in queues_for(ledger, copy.exchange, copy.routing_key) or ()
            if place == delivery.queue or declaration(ledger, place) is not None
        ]
        if copies:
            yield delivery, copies


def _names(copy: Publication, message_id: str) -> bool:
    given = [getattr(copy.properties, name) for name in commands.Basic.Properties.attributes()]
    return message_id in str(given) or holds(copy.body, message_id.encode())


def _lost(delivery: Delivery, copy: Publication) -> Iterator[str]:
    """The names of the properties and headers of the delivery that the copy does not have."""
    for name in KEPT:
        given = getattr(delivery.properties, name)
        if given not in (None, "") and getattr(copy.properties, name) != given:
            yield name.replace("message_type", "type")
    kept = copy.properties.headers or {}
    for header in delivery.properties.headers or {}:
        if not header.startswith("x-") and header not in kept:
            yield f"header {header!r}"
