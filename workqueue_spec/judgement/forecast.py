"""What of a program breaks or changes on a later RabbitMQ, from what it sends: a pure function of its wire.

How it works: `CHANGES` says what changed in RabbitMQ, with its version. For each change, a function looks at the
events and the ledger of one program, and tells what it saw if the change is about this program.
`workbench_tests/broker/real/test_real_forecast.py` tries what the later versions do.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..wiretap import Side
from .event import Event
from .ledger import Ledger
from .verdicts.framing import LEAST_FRAME_MAX

Version = tuple[int, int]
"""Major and minor version of RabbitMQ."""


class Effect(StrEnum):
    """What a change does to a program."""

    BREAKS = "breaks"
    CHANGES = "changes"


@dataclass(frozen=True)
class Change:
    """Something that a version of RabbitMQ does in another way than the version before."""

    id: str
    since: Version
    effect: Effect
    what: str
    """What that version does, as a sentence."""
    do: str
    """What to do about it, as a sentence."""
    source: str
    """The address of a page that tells it."""
    queue_type: str = ""
    """The type of the queue that it is about; empty for all types."""


@dataclass(frozen=True)
class Foreseen:
    """A change that is about a program, and what was seen of the program."""

    change: str
    """The id of the change."""
    who: str
    """The party that was seen: `worker 1`."""
    seen: str


MOST_REDELIVERIES = 20
"""How often a quorum queue delivers a message again before it drops or dead-letters it: RabbitMQ from 4.0 on."""
LARGEST_MESSAGE = 16 * 2**20
"""Bytes of a message's body that RabbitMQ takes from 4.0 on, unless it is set otherwise."""

_NOTES = "https://github.com/rabbitmq/rabbitmq-server/releases/tag/v"
_TIMEOUTS = "https://www.rabbitmq.com/docs/consumers#acknowledgement-timeout"

CHANGES: Sequence[Change] = (
    Change(
        "delivery-limit",
        (4, 0),
        effect=Effect.BREAKS,
        what=f"A quorum queue drops a message, or dead-letters it, after {MOST_REDELIVERIES} redeliveries. "
        "From 4.3 on, a message given back by basic.nack does not count.",
        do="Do not requeue a task that fails: reject it, and give the queue a dead-letter exchange.",
        source="https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling",
        queue_type="quorum",
    ),
    Change(
        "published-x-death",
        (4, 0),
        effect=Effect.CHANGES,
        what="The header x-death of a message that a client publishes is ignored: the count of deaths begins anew.",
        do="Count tries in a header of your own if you publish a task again.",
        source=f"{_NOTES}4.0.1",
    ),
    Change(
        "message-size",
        (4, 0),
        effect=Effect.BREAKS,
        what=f"A message of more than {LARGEST_MESSAGE // 2**20} MiB closes the channel with 406.",
        do="Keep large data elsewhere and send its address, or set max_message_size.",
        source=f"{_NOTES}4.0.1",
    ),
    Change(
        "frame-size",
        (4, 1),
        effect=Effect.BREAKS,
        what=f"A client that agrees to frames of less than {LEAST_FRAME_MAX} bytes is refused when it connects.",
        do=f"Take a newer client library, or set its frame_max to {LEAST_FRAME_MAX} bytes or more.",
        source=f"{_NOTES}4.1.0",
    ),
    Change(
        "global-prefetch",
        (4, 3),
        effect=Effect.CHANGES,
        what="The flag global of basic.qos is denied: each consumer of the channel has the limit for itself.",
        do="Leave the flag out. If the limit was for several consumers, divide it.",
        source=f"{_NOTES}4.3.0",
    ),
    Change(
        "transient-queue",
        (4, 3),
        effect=Effect.BREAKS,
        what="A queue that is neither durable nor exclusive is refused, unless the configuration permits it "
        "(Debian's package does).",
        do="Declare the queue as durable, with x-expires if it shall go; or as exclusive.",
        source=f"{_NOTES}4.3.0",
    ),
    Change(
        "queue-mode",
        (4, 3),
        effect=Effect.BREAKS,
        what="The argument x-queue-mode is refused (Debian's package ignores it). Since 3.12 it had no effect.",
        do="Leave the argument out, on a queue with another name if the old one is to stay.",
        source=f"{_NOTES}4.3.0",
    ),
    Change(
        "queue-version",
        (4, 3),
        effect=Effect.BREAKS,
        what="The argument x-queue-version with the value 1 is refused with 406.",
        do="Leave the argument out, or set it to 2.",
        source=f"{_NOTES}4.3.0",
        queue_type="classic",
    ),
    Change(
        "master-locator",
        (4, 3),
        effect=Effect.BREAKS,
        what="The argument x-queue-master-locator is refused: the connection is closed with 541.",
        do="Use x-queue-leader-locator.",
        source=f"{_NOTES}4.3.0",
    ),
    Change(
        "timeout-cancels",
        (4, 3),
        effect=Effect.CHANGES,
        what="If an acknowledgement takes longer than the timeout (30 minutes), the broker ends the subscription "
        "by basic.cancel; before, it closed the channel with 406.",
        do="Take a basic.cancel of the broker as the end of the subscription, and subscribe again (W13).",
        source=_TIMEOUTS,
        queue_type="quorum",
    ),
    Change(
        "no-timeout",
        (4, 3),
        effect=Effect.CHANGES,
        what="A classic queue has no acknowledgement timeout any more: a worker that hangs keeps its tasks for "
        "ever.",
        do="Watch the unacknowledged messages, give tasks a timeout of their own, or use a quorum queue.",
        source=_TIMEOUTS,
        queue_type="classic",
    ),
)

CHANGE_BY_ID: Mapping[str, Change] = {change.id: change for change in CHANGES}


def foresee(
    who: str,
    events: Sequence[Event],
    ledger: Ledger,
    queue_type: str,
    *,
    but: Collection[str] = (),
) -> Iterator[Foreseen]:
    """Yields each change that is about the program `who`, once, and is not among the ids in `but`. `events` and
    `ledger` are the program's own, and `queue_type` is the type of its queues.
    """
    for change in CHANGES:
        if change.queue_type in ("", queue_type) and change.id not in but:
            seen = next(iter(_SEEN[change.id](events, ledger)), None)
            if seen is not None:
                yield Foreseen(change.id, who, seen)


def _sent(events: Sequence[Event], name: str) -> Iterator[Any]:
    """The methods of this name that the client sent."""
    for event in events:
        wire = event.wire
        if event.what == name and wire is not None and wire.sender is Side.CLIENT and wire.method is not None:
            yield wire.method


def _redelivered(events: Sequence[Event], ledger: Ledger) -> Iterator[str]:
    times = Counter(
        (each.queue, each.body, each.properties.message_id) for each in ledger.deliveries if each.redelivered
    )
    for (queue, _, _), redeliveries in times.most_common(1):
        if redeliveries > MOST_REDELIVERIES:
            yield f"one message of '{queue}' was delivered again {redeliveries} times"


def _published_x_death(events: Sequence[Event], ledger: Ledger) -> Iterator[str]:
    for each in ledger.publications:
        if "x-death" in (each.properties.headers or {}):
            yield f"it published a message with the header x-death, with the routing key '{each.routing_key}'"


def _large_message(events: Sequence[Event], ledger: Ledger) -> Iterator[str]:
    for each in ledger.publications:
        if len(each.body) > LARGEST_MESSAGE:
            yield f"it published a message of {len(each.body)} bytes"


def _small_frames(events: Sequence[Event], ledger: Ledger) -> Iterator[str]:
    for each in ledger.greetings:
        offered = each.frame_max_offered or LEAST_FRAME_MAX
        if each.frame_max and each.frame_max < min(offered, LEAST_FRAME_MAX):
            yield f"it agreed to frames of {each.frame_max} bytes (connection.tune-ok)"


def _global_prefetch(events: Sequence[Event], ledger: Ledger) -> Iterator[str]:
    for qos in _sent(events, "Basic.Qos"):
        if qos.global_ and qos.prefetch_count:
            yield f"it sent basic.qos with global and a limit of {qos.prefetch_count}"


def _transient_queue(events: Sequence[Event], ledger: Ledger) -> Iterator[str]:
    for each in ledger.declarations:
        if not (each.passive or each.durable or each.exclusive):
            yield f"it declared the queue '{each.queue}' as neither durable nor exclusive"


def _with_argument(argument: str, *values: object) -> Callable[[Sequence[Event], Ledger], Iterator[str]]:
    """Sees a queue that was declared with this argument, with one of these values or with any value."""

    def seen(events: Sequence[Event], ledger: Ledger) -> Iterator[str]:
        for each in ledger.declarations:
            if not each.passive and argument in each.arguments:
                value = each.arguments[argument]
                if not values or value in values:
                    yield f"it declared the queue '{each.queue}' with {argument} = {value!r}"

    return seen


def _acknowledges(events: Sequence[Event], ledger: Ledger) -> Iterator[str]:
    for each in ledger.consumers:
        if not each.no_ack:
            yield f"it consumes from '{each.queue}' and acknowledges"


_SEEN: Mapping[str, Callable[[Sequence[Event], Ledger], Iterable[str]]] = {
    "delivery-limit": _redelivered,
    "published-x-death": _published_x_death,
    "message-size": _large_message,
    "frame-size": _small_frames,
    "global-prefetch": _global_prefetch,
    "transient-queue": _transient_queue,
    "queue-mode": _with_argument("x-queue-mode"),
    "queue-version": _with_argument("x-queue-version", 1),
    "master-locator": _with_argument("x-queue-master-locator"),
    "timeout-cancels": _acknowledges,
    "no-timeout": _acknowledges,
}
