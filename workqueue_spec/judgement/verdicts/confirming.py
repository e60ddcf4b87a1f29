"""What the broker replies to a publisher, and when."""

from collections import Counter, deque
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

from ..ledger import Delivery, Ledger, Publication, Reply
from ..tasks import Task
from .verdict import Verdict

NO_ROUTE = 312
"""AMQP's reply code for a mandatory message that goes to no queue."""


def confirmed_once(ledger: Ledger, messages: int) -> Verdict:
    """Every message of a client with one channel in confirm mode is acked or nacked once.

    One reply may confirm several messages, and the replies may come in any order.
    """
    expected = f"each of {messages} messages acked or nacked once"
    waiting = {each.number for each in ledger.publications if each.number is not None}
    if len(waiting) != messages:
        return Verdict(False, expected, f"{len(waiting)} messages published")
    rising, falling = deque(sorted(waiting)), deque(sorted(waiting))
    for reply in ledger.replies:
        if reply.what == "Basic.Return":
            continue
        last = reply.number
        if reply.multiple and not last:
            while falling and falling[-1] not in waiting:
                falling.pop()
            last = falling[-1] if falling else 0
        if last not in waiting:
            return Verdict(
                False, expected, f"{reply.what} for message {last}, which was not waiting for a confirm"
            )
        waiting.discard(last)
        while reply.multiple and rising and rising[0] <= last:
            waiting.discard(rising.popleft())
    first = f", message {min(waiting)} first" if waiting else ""
    return Verdict(not waiting, expected, f"{len(waiting)} without a confirm{first}")


def acked(publication: Publication) -> Verdict:
    """The broker acked the message."""
    return Verdict(publication.confirmed_by == "Basic.Ack", "an ack", f"{publication.confirmed_by}")


def nacked(publication: Publication) -> Verdict:
    """The broker nacked the message."""
    return Verdict(publication.confirmed_by == "Basic.Nack", "a nack", f"{publication.confirmed_by}")


def returned_then_acked(replies: Sequence[Reply], published: Publication) -> Verdict:
    """The message was returned with 312, as it had been published, and then it was acked."""
    if [each.what for each in replies] != ["Basic.Return", "Basic.Ack"] or replies[0].code != NO_ROUTE:
        shown = ", ".join(f"{each.what} {each.code or ''}".strip() for each in replies) or "nothing"
        return Verdict(False, f"basic.return {NO_ROUTE} with the message, then basic.ack", shown)
    return arrived_whole(published, replies[0])


def acked_without_return(replies: Sequence[Reply]) -> Verdict:
    """The message was acked, and was not returned."""
    seen = [each.what for each in replies]
    return Verdict(seen == ["Basic.Ack"], "basic.ack and nothing else", ", ".join(seen) or "nothing")


def one_confirmed(ledger: Ledger, tasks: Sequence[Task]) -> Verdict:
    """At least one of the tasks was acked."""
    count = len(_confirmed(ledger, tasks))
    return Verdict(count > 0, f"an ack for one of {len(tasks)} messages", f"{count} acks")


def kept_what_it_confirmed(
    tasks: Sequence[Task], publisher: Ledger, receiver: Ledger, copies: int
) -> Verdict:
    """Every task that was acked to the publisher is delivered, at least once from each of `copies` queues."""
    confirmed = _confirmed(publisher, tasks)
    delivered = Counter(each.body for each in receiver.deliveries)
    lost = [task for task in confirmed if delivered[task.body] < copies]
    expected = f"all confirmed tasks, {len(confirmed)} of {len(tasks)}, from each of {copies} queues"
    seen = f"{len(lost)} confirmed tasks missing, {lost[0].token} first" if lost else "all of them"
    return Verdict(bool(confirmed) and not lost, expected, seen)


def _confirmed(ledger: Ledger, tasks: Sequence[Task]) -> list[Task]:
    acked = {each.body for each in ledger.publications if each.confirmed_by == "Basic.Ack"}
    return [task for task in tasks if task.body in acked]


def arrived_whole(published: Publication, came: Delivery | Reply) -> Verdict:
    """Body, properties, exchange and routing key are the same as in the publication.

    The broker may add headers of its own.
    """
    bodies = published.body, came.body
    if bodies[0] != bodies[1]:
        at = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(*bodies, strict=False)))
        expected, seen = (f"{len(body)} bytes, {body[at : at + 40]!r} from byte {at} on" for body in bodies)
        return Verdict(False, f"a body of {expected}", seen)
    before, after = _fields(published), _fields(came)
    for name, value in before.items():
        if name == "headers":
            kept = after[name] or {}
            after[name] = {key: kept[key] for key in (value or {}) if key in kept} or None
            value = value or None
        if after[name] != value:
            return Verdict(False, f"{name} {value!r}", f"{name} {after[name]!r}")
    return Verdict(True, "the message as it was published", "the same")


def _fields(message: Publication | Delivery | Reply) -> dict[str, Any]:
    found = {name: getattr(message.properties, name) for name in message.properties.__slots__}
    time = found.get("timestamp")
    if isinstance(time, datetime):
        found["timestamp"] = time.astimezone(UTC)
    return {**found, "exchange": message.exchange, "routing_key": message.routing_key}
