"""The entries of a ledger, with the names of the AMQP model.

Every message that a broker gives to a client is a delivery: pushed (`basic.deliver`) or fetched
(`basic.get-ok`).
"""

from dataclasses import dataclass, field
from typing import Any

from pamqp import commands

from ...wiretap import Side
from ..encodings import holds

FIRST_ERROR = 300
"""The lowest of AMQP's reply codes that means an error."""

Connection = tuple[str, int]
"""A party's name and the number of one of its connections."""
Channel = tuple[str, int, int]
"""A connection and the number of one of its channels."""


@dataclass(slots=True)
class Delivery:
    """A message that the broker gave to a client, and how the client settled it."""

    who: str
    channel: Channel
    queue: str
    """The queue that its consumer, or the fetch, had asked for; empty if that is unknown."""
    tag: int
    at: float
    body: bytes
    properties: commands.Basic.Properties
    redelivered: bool
    no_ack: bool
    consumer_tag: str | None
    """None if the client fetched it."""
    exchange: str
    routing_key: str
    """Exchange and routing key are those of its publication, as the broker tells them."""
    settled_by: str | None = None
    """`Basic.Ack`, `Basic.Nack` or `Basic.Reject`, or None while the client holds it."""
    settled_at: float | None = None
    requeued: bool = False
    """Whether the client rejected it and asked the broker to requeue it."""
    settled_together: int = 1
    """How many deliveries were settled by the same frame."""
    taken_back_at: float | None = None
    """When the broker took it back, since its channel or connection ended before it was settled."""

    @property
    def acknowledged(self) -> bool:
        """Whether the client acknowledged it."""
        return self.settled_by == "Basic.Ack"

    def carries(self, text: bytes) -> bool:
        """Whether its body holds the text, plain or in a common encoding."""
        return holds(self.body, text)

    @property
    def held_until(self) -> float | None:
        """When the client ceased to hold it; None while the client holds it."""
        if self.no_ack:
            return self.at
        return self.settled_at if self.settled_at is not None else self.taken_back_at


@dataclass(slots=True)
class Publication:
    """A message that a client gave to the broker, and the broker's confirm."""

    who: str
    channel: Channel
    at: float
    exchange: str
    routing_key: str
    mandatory: bool
    body: bytes
    properties: commands.Basic.Properties
    number: int | None
    """Its number on a channel in confirm mode; None on other channels."""
    transacted: bool = False
    """Whether its channel is transactional: an acknowledgement there takes effect together with it."""
    confirmed_by: str | None = None
    """`Basic.Ack` or `Basic.Nack`; `Tx.CommitOk` if it was published in a transaction."""
    confirmed_at: float | None = None

    def carries(self, text: bytes) -> bool:
        """Whether its body holds the text, plain or in a common encoding."""
        return holds(self.body, text)


@dataclass(frozen=True, slots=True)
class Declaration:
    """A queue as a client declared it (`queue.declare`)."""

    who: str
    at: float
    queue: str
    passive: bool
    durable: bool
    exclusive: bool
    auto_delete: bool
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Exchange:
    """An exchange that a client declared."""

    who: str
    at: float
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Binding:
    """A queue, or an exchange, that a client bound to an exchange."""

    who: str
    at: float
    exchange: str
    """The exchange that the messages come from."""
    routing_key: str
    queue: str | None
    """None if an exchange is bound."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """A subscription as a client asked for it (`basic.consume`)."""

    who: str
    channel: Channel
    at: float
    queue: str
    tag: str
    no_ack: bool
    exclusive: bool


@dataclass(frozen=True, slots=True)
class Fetch:
    """A client's request for one message (`basic.get`), whether the broker had one or not."""

    who: str
    at: float
    queue: str
    no_ack: bool


@dataclass(frozen=True, slots=True)
class Closed:
    """A channel or a connection that one side closed, with its reason."""

    who: str
    at: float
    by: Side
    whole_connection: bool
    code: int
    text: str
    of_passive_declare: bool = False
    """Whether it answers a passive declaration of a queue that does not exist."""
    because_of: int = 0
    """The method that caused it: its class's id, and in the lower 16 bits its own. 0 if no single method did."""

    @property
    def is_refusal(self) -> bool:
        """Whether the broker closed it with an error. The answer to a passive declaration is none."""
        return self.by is Side.BROKER and self.code >= FIRST_ERROR and not self.of_passive_declare


@dataclass(frozen=True, slots=True)
class Stray:
    """A settlement of a delivery that its sender did not hold on that channel."""

    who: str
    at: float
    what: str
    tag: int
    why: str


@dataclass(slots=True)
class Greeting:
    """What a client announces and agrees to when it connects."""

    who: str
    connection: Connection
    at: float
    capabilities: dict[str, Any] = field(default_factory=dict)
    heartbeat: int | None = None
    """In seconds, 0 for none; None until it is agreed on."""
    frame_max_offered: int = 0
    """In bytes: the largest frame that the broker offers, 0 for no limit."""
    frame_max: int | None = None
    """In bytes: the largest frame that the client answers, 0 for no limit; None until it has answered."""


@dataclass(frozen=True, slots=True)
class Removal:
    """A queue that a client purged or deleted."""

    who: str
    at: float
    what: str
    """`Queue.Purge` or `Queue.Delete`."""
    queue: str


@dataclass(frozen=True, slots=True)
class Cancellation:
    """A subscription that the broker ended."""

    who: str
    channel: Channel
    at: float
    tag: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What the broker replied to a publisher: a confirm, or a message that it returned."""

    who: str
    channel: Channel
    at: float
    what: str
    """`Basic.Ack`, `Basic.Nack` or `Basic.Return`."""
    number: int = 0
    """Of a confirm: the message's number on the channel, or the last of several numbers."""
    multiple: bool = False
    code: int = 0
    """Of a return: the reply code, which tells why."""
    exchange: str = ""
    routing_key: str = ""
    """Of a return: exchange and routing key of the publication, as the broker tells them."""
    body: bytes = b""
    properties: commands.Basic.Properties = field(default_factory=commands.Basic.Properties)
