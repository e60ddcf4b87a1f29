"""What a ledger has entries of, by the names of the AMQP model.

A message that a broker gives to a client is a delivery, whether it was pushed (`basic.deliver`) or fetched
(`basic.get-ok`).
"""

from dataclasses import dataclass, field
from typing import Any

from pamqp import commands

from ...wiretap import Side
from ..encodings import holds

FIRST_ERROR = 300
"""The lowest of AMQP's reply codes that tells of an error."""

Connection = tuple[str, int]
"""A party's name and the number of one of its connections."""
Channel = tuple[str, int, int]
"""A connection and the number of one of its channels."""


@dataclass
class Delivery:
    """A message given to a client, and what became of it."""

    who: str
    channel: Channel
    queue: str
    """From which it came: the one that its consumer, or the fetch, had asked for."""
    tag: int
    at: float
    body: bytes
    properties: commands.Basic.Properties
    redelivered: bool
    no_ack: bool
    consumer_tag: str | None
    """None where the client fetched it."""
    exchange: str
    routing_key: str
    """Those that it was published with, as the broker tells them."""
    settled_by: str | None = None
    """`Basic.Ack`, `Basic.Nack` or `Basic.Reject`, or None while the client holds it."""
    settled_at: float | None = None
    requeued: bool = False
    together: int = 1
    """How many deliveries the frame that settled this one settled at once."""
    returned_at: float | None = None
    """When its channel or connection ended before it was settled: the broker takes it back."""

    @property
    def acknowledged(self) -> bool:
        """Whether the client told the broker that its work is done."""
        return self.settled_by == "Basic.Ack"

    def carries(self, text: bytes) -> bool:
        """Whether its body holds the text, as it stands or in a common encoding."""
        return holds(self.body, text)

    @property
    def held_until(self) -> float | None:
        """When the client ceased to hold it, or None while it does."""
        if self.no_ack:
            return self.at
        return self.settled_at if self.settled_at is not None else self.returned_at


@dataclass
class Publication:
    """A message given to the broker, and what the broker said of it."""

    who: str
    channel: Channel
    at: float
    exchange: str
    routing_key: str
    mandatory: bool
    body: bytes
    properties: commands.Basic.Properties
    number: int | None
    """Its number on a channel in confirm mode."""
    transacted: bool = False
    """Whether its channel is in transactions: what is acknowledged there takes effect no sooner than it does."""
    confirmed_by: str | None = None
    """`Basic.Ack` or `Basic.Nack`; `Tx.CommitOk` where it was published in a transaction."""
    confirmed_at: float | None = None

    def carries(self, text: bytes) -> bool:
        """Whether its body holds the text, as it stands or in a common encoding."""
        return holds(self.body, text)


@dataclass(frozen=True)
class Declaration:
    """A queue as a client asked for it."""

    who: str
    at: float
    queue: str
    passive: bool
    durable: bool
    exclusive: bool
    auto_delete: bool
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Exchange:
    """An exchange as a client asked for it."""

    who: str
    at: float
    name: str
    type: str


@dataclass(frozen=True)
class Binding:
    """A queue, or an exchange, that a client bound to an exchange."""

    who: str
    at: float
    exchange: str
    """The one that messages come from."""
    routing_key: str
    queue: str | None
    """None: what is bound is an exchange."""


@dataclass(frozen=True)
class Consumer:
    """A subscription as a client asked for it."""

    who: str
    channel: Channel
    at: float
    queue: str
    tag: str
    no_ack: bool
    exclusive: bool


@dataclass(frozen=True)
class Fetch:
    """A message that a client asked for by itself (`basic.get`), whether there was one or not."""

    who: str
    at: float
    queue: str
    no_ack: bool


@dataclass(frozen=True)
class Closed:
    """A channel or a connection that one side closed with a reason."""

    who: str
    at: float
    by: Side
    whole_connection: bool
    code: int
    text: str
    of_a_look: bool = False
    """Whether it answers a passive declaration, of a queue that is not there."""

    @property
    def is_refusal(self) -> bool:
        """Whether it is the broker's, and tells of an error: a client that looked for a queue was told."""
        return self.by is Side.BROKER and self.code >= FIRST_ERROR and not self.of_a_look


@dataclass(frozen=True)
class Stray:
    """A settlement of something that its sender did not hold on that channel."""

    who: str
    at: float
    what: str
    tag: int
    why: str


@dataclass(frozen=True)
class Greeting:
    """What a client says of itself, and what it settles for, when it connects."""

    who: str
    connection: Connection
    at: float
    capabilities: dict[str, Any] = field(default_factory=dict)
    heartbeat: int | None = None
    """Seconds, 0 for none; None until it is settled."""


@dataclass(frozen=True)
class Removal:
    """A queue that a client purged or deleted."""

    who: str
    at: float
    what: str
    """`Queue.Purge` or `Queue.Delete`."""
    queue: str


@dataclass(frozen=True)
class Cancellation:
    """A subscription that the broker ended."""

    who: str
    channel: Channel
    at: float
    tag: str


@dataclass(frozen=True)
class Reply:
    """What the broker said to a publisher: a confirm, or a message that it returned."""

    who: str
    channel: Channel
    at: float
    what: str
    """`Basic.Ack`, `Basic.Nack` or `Basic.Return`."""
    number: int = 0
    """Of a confirm: the message's number on the channel, or the last of several."""
    multiple: bool = False
    code: int = 0
    """Of a return: why."""
    exchange: str = ""
    routing_key: str = ""
    """Of a return: those that the message was published with, as the broker tells them."""
    body: bytes = b""
    properties: commands.Basic.Properties = field(default_factory=commands.Basic.Properties)
