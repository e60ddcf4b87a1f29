"""Histories written by hand, so that judgements are tested without a broker."""

from dataclasses import dataclass, field
from typing import Any

from pamqp import base, commands

from workqueue_spec.judgement.history import Event
from workqueue_spec.judgement.ledger import Ledger, ledger
from workqueue_spec.wiretap import Content, Frame, Side, WireEvent, marshal


@dataclass
class Script:
    """Builds events one after the other, each a second after the last unless `after` is given."""

    events: list[Event] = field(default_factory=list)
    now: float = 0.0

    def client(self, method: base.Frame, **details: Any) -> "Script":
        """A client sends this method."""
        return self._add(Side.CLIENT, method, **details)

    def broker(self, method: base.Frame, **details: Any) -> "Script":
        """The broker sends this method."""
        return self._add(Side.BROKER, method, **details)

    def tap(self, name: str, who: str = "worker 1", connection: int = 1) -> "Script":
        """The tap tells an event of its own."""
        self.now += 1
        self.events.append(Event(self.now, who, name, "", WireEvent(self.now, connection, 0, None, name)))
        return self

    def deliver(
        self, tag: int, body: bytes = b"task", *, redelivered: bool = False, **where: Any
    ) -> "Script":
        """The broker pushes a message."""
        method = commands.Basic.Deliver("consumer", tag, redelivered, "", "task_queue")
        return self.broker(method, body=body, **where)

    def ack(self, tag: int, *, multiple: bool = False, **where: Any) -> "Script":
        """The client acknowledges."""
        return self.client(commands.Basic.Ack(tag, multiple), **where)

    @property
    def ledger(self) -> Ledger:
        """The ledger of the events."""
        return ledger(self.events)

    def _add(
        self,
        sender: Side,
        method: base.Frame,
        *,
        who: str = "worker 1",
        connection: int = 1,
        channel: int = 1,
        body: bytes | None = None,
        properties: commands.Basic.Properties | None = None,
        after: float = 1.0,
    ) -> "Script":
        self.now += after
        content = None if body is None else Content(properties or commands.Basic.Properties(), body)
        frame = Frame(marshal(method, channel), channel)
        wire = WireEvent(self.now, connection, channel, sender, name=frame.name, frame=frame, content=content)
        self.events.append(Event(self.now, who, frame.name, "", wire))
        return self
