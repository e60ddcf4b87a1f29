"""What the copy of a failed task keeps of the message that the worker was given."""

from collections.abc import Iterator

from pamqp import commands

from ..encodings import holds
from ..ledger import Delivery, Ledger, Publication
from ..tasks import Task
from .handing_on import made_while_held
from .routing import declaration, routed
from .verdict import Verdict

KEPT = ("content_type", "content_encoding", "priority", "correlation_id", "reply_to", "message_type")
"""The properties, beside the id and the headers, that tell of a task and not of who sent it or when."""


def keeps_the_id(book: Ledger, task: Task) -> Verdict:
    """Each copy that was handed on has the message_id of the task, if it had one: as its own, or elsewhere in it.

    Of several copies that were made of one delivery one is enough: the others may be there to tell of the task.
    """
    expected = "the task's message_id in its copy"
    for delivery, copies in _copies(book, task):
        given = delivery.properties.message_id
        if given and not any(_tells(copy, given) for copy in copies):
            seen = f"message_id {copies[0].properties.message_id!r} in the copy to '{copies[0].routing_key}'"
            return Verdict(False, expected, f"{seen}, of a task with {given!r}")
    return Verdict(True, expected, "so it is in each copy")


def keeps_the_rest(book: Ledger, task: Task) -> Verdict:
    """Each copy that was handed on has what else the task had: its type, and so on, and headers of the same names.

    The values of headers may be others: a worker counts in them, or a tracing library writes down where it is.
    """
    expected = "the task's properties and headers in its copy"
    for delivery, copies in _copies(book, task):
        lost = [list(_lost(delivery, copy)) for copy in copies]
        if all(lost):
            return Verdict(
                False, expected, f"the copy to '{copies[0].routing_key}' has no {', '.join(lost[0])}"
            )
    return Verdict(True, expected, "so they are in each copy")


def _copies(book: Ledger, task: Task) -> Iterator[tuple[Delivery, list[Publication]]]:
    """The deliveries of the task with the copies that were handed on of each: to the same queue, or to one that the
    program declares.
    """
    published = book.carrying(task.mark)
    for delivery in book.of(task.mark):
        copies = [
            copy
            for copy in made_while_held(delivery, published)
            for place in routed(book, copy.exchange, copy.routing_key) or ()
            if place == delivery.queue or declaration(book, place) is not None
        ]
        if copies:
            yield delivery, copies


def _tells(copy: Publication, message_id: str) -> bool:
    said = [getattr(copy.properties, name) for name in commands.Basic.Properties.attributes()]
    return message_id in str(said) or holds(copy.body, message_id.encode())


def _lost(delivery: Delivery, copy: Publication) -> Iterator[str]:
    for name in KEPT:
        given = getattr(delivery.properties, name)
        if given not in (None, "") and getattr(copy.properties, name) != given:
            yield name.replace("message_type", "type")
    kept = copy.properties.headers or {}
    for header in delivery.properties.headers or {}:
        if not header.startswith("x-") and header not in kept:
            yield f"header {header!r}"
