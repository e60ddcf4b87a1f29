"""What depends on the broker: on its brand, its version, and the type of the queue.

Some promises can be kept in more than one way. Which broker does what is data here. RabbitMQ's version is
recognised by what the broker can do, so a wrong version string does no harm, nor does a fork under another name.
"""

import itertools
import math
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

import pika.exceptions

from ..broker.control import Control
from ..judgement.verdicts import NotJudged
from ..judgement.verdicts.ordering import Place

Value = TypeVar("Value")

GARAGEMQ = "garagemq"
"""GarageMQ's name in its greeting."""

_ONE_CONFIRM_EACH = "B34"
_BROKEN = {
    GARAGEMQ: (
        "B03",
        "B04",
        "B05",
        "B19",
        "B24",
        "B28",
        _ONE_CONFIRM_EACH,
        "B35",
        "B38",
        "B39",
        "B41",
        "B48",
    ),
}
"""See docs/brokers.md for how each is broken. A run that asks for some clauses only may not see it."""


class GlobalPrefetch(StrEnum):
    """What basic.qos with `global` set does."""

    SHARED = "all the consumers on the channel share the limit"
    EACH = "the limit is each consumer's own, as without global"
    REFUSED = "consuming closes the connection with 540"


class AckTimeout(StrEnum):
    """What a broker does to a consumer that holds a message longer than the acknowledgement timeout."""

    CLOSES = "closes the channel with 406"
    CANCELS = "ends the consumer with basic.cancel"
    NONE = "nothing"


@dataclass(frozen=True)
class BrokerProfile:
    """What to expect of queues of one type on one range of broker versions. None: not known."""

    name: str
    compares_unknown_arguments: bool | None = None
    """Whether an argument that the broker does not know must be equal too when a queue is declared again."""
    default_type: str | None = None
    """The type of a queue that is declared without a type, in a virtual host without a default of its own."""
    global_prefetch: GlobalPrefetch | None = None
    most_without_limit: float | None = None
    """How many unacknowledged messages a consumer may hold with a prefetch of 0."""
    nacked_goes: Place | None = None
    """Where a message goes that is given back by basic.nack or basic.reject."""
    returned_goes: Place | None = None
    """Where a message goes whose channel or connection has ended."""
    most_deliveries: float | None = None
    """How often a message is delivered if every consumer gives it back and no limit is set."""
    counts_deliveries: bool | None = None
    """Whether redeliveries carry `x-delivery-count`."""
    counts_acquisitions: bool | None = None
    """Whether redeliveries carry `x-acquired-count`."""
    ack_timeout: AckTimeout | None = None
    """What happens after the acknowledgement timeout."""
    lets_expire: bool | None = None
    """Whether messages expire, by `x-message-ttl` or by an `expiration` of their own."""
    keeps_transient: bool | None = None
    """Whether a transient message on a durable queue survives a restart."""
    counts_holders: bool | None = None
    """Whether a fetch, or a cancelled consumer, counts as a consumer as long as it holds messages."""
    keeps_for_the_disconnected: float = 0.0
    """Seconds for which a queue may keep the messages of a consumer that it cannot reach."""
    has_quorum_queues: bool | None = None
    """Whether `x-queue-type: quorum` makes a quorum queue."""


UNKNOWN = BrokerProfile("a broker that is not known")

_RABBITMQ = replace(
    UNKNOWN,
    name="RabbitMQ",
    compares_unknown_arguments=False,
    default_type="classic",
    has_quorum_queues=True,
)

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
    counts_holders=False,
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
    counts_holders=True,
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
    keeps_for_the_disconnected=60.0,  # x-consumer-disconnected-timeout
)

_LAVINMQ = replace(UNKNOWN, name="LavinMQ", compares_unknown_arguments=True)

_GARAGEMQ = replace(
    UNKNOWN,
    name="GarageMQ",
    compares_unknown_arguments=False,  # nor does it compare an argument that has a meaning: it breaks B04
    global_prefetch=GlobalPrefetch.SHARED,
    most_without_limit=math.inf,
    nacked_goes=Place.FRONT,
    returned_goes=Place.FRONT,
    most_deliveries=math.inf,
    counts_deliveries=False,
    counts_acquisitions=False,
    ack_timeout=AckTimeout.NONE,
    lets_expire=False,
    keeps_transient=False,
    has_quorum_queues=False,
)
"""Of 0.1, Debian's package of 2020. It knows no `x-` argument and no types of queues."""

_OF_BRAND = {"LavinMQ": _LAVINMQ, GARAGEMQ: _GARAGEMQ}
"""The brands of which every version is alike, by the name in the greeting."""
_LINES = {
    "classic": (_CLASSIC_3_8, _CLASSIC_3_10, _CLASSIC_4_0, _CLASSIC_4_3),
    "quorum": (_QUORUM_3_8, _QUORUM_3_10, _QUORUM_4_0, _QUORUM_4_3),
}


def recognise(control: Control, product: str, queue_type: str) -> BrokerProfile:
    """The profile of the broker behind `control`. `product` is the brand that the broker gives in its greeting.
    RabbitMQ's version is recognised by features that came with a version.
    """
    if product in _OF_BRAND:
        return _OF_BRAND[product]
    if product != "RabbitMQ" or _accepts(control, durable=False):
        return UNKNOWN
    came_with_a_version: list[Callable[[], bool]] = [
        # 3.10: quorum queues take a time to live for messages.
        lambda: _accepts(control, x_message_ttl=60_000),
        # 4.0: there is a local random exchange.
        lambda: _has_exchange_type(control, "x-local-random"),
        # 4.3: a quorum queue can be consumed on a channel with a global prefetch limit (each consumer's own now).
        lambda: _accepts_global_prefetch(control),
    ]
    newest = sum(1 for _ in itertools.takewhile(lambda has: has(), came_with_a_version))
    return _LINES[queue_type][newest]


def has_no_quorum_queues(product: str) -> bool:
    """Whether the broker of this brand is known to have no quorum queues, and to take their type in silence."""
    return _OF_BRAND.get(product, UNKNOWN).has_quorum_queues is False


def loses_confirms(product: str) -> bool:
    """Whether the broker of this brand is known to leave messages without a confirm, so that the suite cannot wait
    for the confirm of each task.
    """
    return _ONE_CONFIRM_EACH in known_to_break(product)


def known_to_break(product: str) -> Collection[str]:
    """The ids of the broker's clauses that the broker of this brand is known to break, in whatever run."""
    return _BROKEN.get(product, ())


def known(value: Value | None, what: str, profile: BrokerProfile) -> Value:
    """The value, which belongs to this profile. Raises NotJudged if it is None; `what` says what it is about."""
    if value is None:
        raise NotJudged(f"{what}: it depends on the broker, and is not known for {profile.name}")
    return value


def _accepts(control: Control, *, durable: bool = True, **arguments: Any) -> bool:
    """Whether the broker accepts a quorum queue with these properties."""
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
    """Whether a quorum queue can be consumed on a channel with a prefetch limit for all its consumers."""
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
    """A new name each time, since other processes may probe the same virtual host."""
    return f"workqueue-spec-probe-{secrets.token_hex(4)}"
