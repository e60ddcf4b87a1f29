"""What depends on the broker: its brand, the line of its versions, and the type of the queue.

Some promises are kept in more than one way. Which way is a broker's is data here. The broker is recognised by
what it does, so that a version string that lies, or a line that is taken over by another name, does no harm.
"""

import itertools
import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

import pika.exceptions

from ..broker.control import Control
from ..judgement.verdicts import NotJudged
from ..judgement.verdicts.ordering import Place

Value = TypeVar("Value")


class GlobalPrefetch(StrEnum):
    """What a broker makes of basic.qos with `global` set."""

    SHARED = "all the consumers on the channel share the limit"
    EACH = "the limit is each consumer's own, as without global"
    REFUSED = "consuming closes the connection with 540"


class AckTimeout(StrEnum):
    """What a broker does to a consumer that holds a message for too long."""

    CLOSES = "closes the channel with 406"
    CANCELS = "ends the consumer with basic.cancel"
    NONE = "nothing"


@dataclass(frozen=True)
class BrokerProfile:
    """What is to be expected of queues of one type on one line of brokers. None: it can't be told."""

    name: str
    compares_unknown_arguments: bool | None = None
    """Whether an argument that means nothing to the broker must be equal too when a queue is declared
    again."""
    default_type: str | None = None
    """The type of a queue that is declared without one, in a virtual host that does not say otherwise."""
    global_prefetch: GlobalPrefetch | None = None
    most_without_limit: float | None = None
    """How many unacknowledged messages a consumer may hold with a prefetch of 0."""
    nacked_goes: Place | None = None
    """By basic.nack or basic.reject."""
    returned_goes: Place | None = None
    """Because its channel or connection has ended."""
    most_deliveries: float | None = None
    """How often a message is delivered when every consumer gives it back, and no limit is set."""
    counts_deliveries: bool | None = None
    """Whether redeliveries carry `x-delivery-count`."""
    counts_acquisitions: bool | None = None
    """Whether redeliveries carry `x-acquired-count`."""
    ack_timeout: AckTimeout | None = None
    lets_expire: bool | None = None
    """Whether messages expire, by `x-message-ttl` or by an `expiration` of their own."""
    keeps_transient: bool | None = None
    """Whether a transient message on a durable queue survives a restart."""


UNKNOWN = BrokerProfile("a broker that is not known")

_RABBITMQ = replace(UNKNOWN, name="RabbitMQ", compares_unknown_arguments=False, default_type="classic")

_CLASSIC_3_8 = replace(
    _RABBITMQ,
    name="RabbitMQ 3.8 and 3.9, classic",
    global_prefetch=GlobalPrefetch.SHARED,
    most_without_limit=math.inf,
    nacked_goes=Place.OLD,
    returned_goes=Place.OLD,
    most_deliveries=math.inf,
    counts_deliveries=False,
    counts_acquisitions=False,
    ack_timeout=None,  # it came with 3.8.15
    lets_expire=True,
    keeps_transient=False,
)
_CLASSIC_3_10 = replace(_CLASSIC_3_8, name="RabbitMQ 3.10 to 3.13, classic", ack_timeout=AckTimeout.CLOSES)
_CLASSIC_4_0 = replace(_CLASSIC_3_10, name="RabbitMQ 4.0 to 4.2, classic")
_CLASSIC_4_3 = replace(
    _CLASSIC_4_0,
    name="RabbitMQ from 4.3, classic",
    global_prefetch=GlobalPrefetch.EACH,
    ack_timeout=AckTimeout.NONE,
)

_QUORUM_3_8 = replace(
    _RABBITMQ,
    name="RabbitMQ 3.8 and 3.9, quorum",
    global_prefetch=GlobalPrefetch.REFUSED,
    most_without_limit=2000,
    nacked_goes=Place.FRONT,
    returned_goes=Place.FRONT,
    most_deliveries=math.inf,
    counts_deliveries=True,
    counts_acquisitions=False,
    ack_timeout=None,  # it came with 3.8.15
    lets_expire=False,
    keeps_transient=True,
)
_QUORUM_3_10 = replace(
    _QUORUM_3_8,
    name="RabbitMQ 3.10 to 3.13, quorum",
    nacked_goes=Place.TAIL,
    ack_timeout=AckTimeout.CLOSES,
    lets_expire=True,
)
_QUORUM_4_0 = replace(
    _QUORUM_3_10,
    name="RabbitMQ 4.0 to 4.2, quorum",
    nacked_goes=Place.FRONT,
    most_deliveries=21,
)
_QUORUM_4_3 = replace(
    _QUORUM_4_0,
    name="RabbitMQ from 4.3, quorum",
    global_prefetch=GlobalPrefetch.EACH,
    counts_acquisitions=True,
    ack_timeout=AckTimeout.CANCELS,
)

_LAVINMQ = replace(UNKNOWN, name="LavinMQ", compares_unknown_arguments=True)

_LINES = {
    "classic": (_CLASSIC_3_8, _CLASSIC_3_10, _CLASSIC_4_0, _CLASSIC_4_3),
    "quorum": (_QUORUM_3_8, _QUORUM_3_10, _QUORUM_4_0, _QUORUM_4_3),
}


def recognise(control: Control, product: str, queue_type: str) -> BrokerProfile:
    """The profile of the broker behind `control`. Its brand is what it says; the line of RabbitMQ's versions
    is told by what came with each.
    """
    if product == "LavinMQ":
        return _LAVINMQ
    if product != "RabbitMQ" or _accepts(control, durable=False):
        return UNKNOWN
    brought: list[Callable[[], bool]] = [
        # 3.10 brought quorum queues a time to live for messages,
        lambda: _accepts(control, x_message_ttl=60_000),
        # 4.0 the local random exchange,
        lambda: _has_exchange_type(control, "x-local-random"),
        # and 4.3 took the prefetch limit of a whole channel away.
        lambda: _accepts_global_prefetch(control),
    ]
    return _LINES[queue_type][sum(1 for _ in itertools.takewhile(lambda has: has(), brought))]


def told(value: Value | None, what: str, profile: BrokerProfile) -> Value:
    """A value of a profile; the clause that needs it is not judged where it is not known."""
    if value is None:
        raise NotJudged(f"{what}: it depends on the broker, and is not known for {profile.name}")
    return value


def _accepts(control: Control, *, durable: bool = True, **arguments: Any) -> bool:
    """Whether the broker takes a quorum queue with these properties."""
    given = {"x-queue-type": "quorum"} | {name.replace("_", "-"): each for name, each in arguments.items()}
    queue = _name()
    try:
        with control.channel() as channel:
            channel.queue_declare(queue, durable=durable, arguments=given)
            channel.queue_delete(queue)
            return True
    except pika.exceptions.AMQPError:
        return False


def _accepts_global_prefetch(control: Control) -> bool:
    """Whether a quorum queue can be consumed on a channel whose prefetch limit is for all its consumers."""
    queue = _name()
    try:
        with control.channel() as channel:
            channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
            channel.basic_qos(prefetch_count=1, global_qos=True)
            channel.basic_consume(queue, lambda *_: None)
            channel.queue_delete(queue)
            return True
    except pika.exceptions.AMQPError:
        return False


def _has_exchange_type(control: Control, type_: str) -> bool:
    """Whether the broker knows exchanges of this type."""
    exchange = _name()
    try:
        with control.channel() as channel:
            channel.exchange_declare(exchange, type_)
            channel.exchange_delete(exchange)
            return True
    except pika.exceptions.AMQPError:
        return False


def _name() -> str:
    """A name of its own: other processes may probe the same virtual host."""
    return f"workqueue-spec-probe-{secrets.token_hex(4)}"
