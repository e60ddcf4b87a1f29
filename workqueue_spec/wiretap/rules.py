"""Rules: they see a frame before it is forwarded, and may have others forwarded in its stead."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pamqp.commands

from .events import Side
from .frames import Frame, marshal

if TYPE_CHECKING:
    from .connection import Connection

Rule = Callable[["Connection", Side, Frame], Sequence[bytes] | None]
"""Called in the wire's thread with the connection, the sender and the frame. None forwards the frame as it
is, otherwise the raw frames given are forwarded in its stead; an empty sequence drops it, and with a method
that bears content its content. A rule may answer either side with `Line.send`, or end it with `Line.cut`.

A rule that raises is noted, and the frame passes as it is."""


@dataclass(frozen=True, slots=True)
class Selective:
    """A rule that is shown some frames only, so that the others need not wait for it."""

    rule: Rule
    names: frozenset[str]
    sender: Side | None = None
    """None: either."""
    once: bool = False
    """For each connection it is shown the first such frame only."""

    def __call__(self, connection: "Connection", sender: Side, frame: Frame) -> Sequence[bytes] | None:
        return self.rule(connection, sender, frame)


def only(*names: str, sender: Side | None = None, once: bool = False) -> Callable[[Rule], Selective]:
    """A decorator: the rule is shown frames of these names only."""
    return lambda rule: Selective(rule, frozenset(names), sender, once)


def concerns(rule: Rule, sender: Side) -> bool:
    """Whether the rule is to be shown anything that this side sends."""
    return not isinstance(rule, Selective) or rule.sender in {None, sender}


def wants(rule: Rule, name: str) -> bool:
    """Whether the rule is to be shown frames of this name."""
    return not isinstance(rule, Selective) or name in rule.names


ASKED_FOR = "the virtual host that the client asked for"
"""Under this name `into_virtual_host` notes it in the connection's state."""


def into_virtual_host(name: str) -> Selective:
    """Every connection lands in this virtual host, whatever it asks for."""

    @only("Connection.Open", sender=Side.CLIENT, once=True)
    def rule(connection: "Connection", sender: Side, frame: Frame) -> Sequence[bytes]:
        asked = frame.decode()
        if isinstance(asked, pamqp.commands.Connection.Open):
            connection.state[ASKED_FOR] = asked.virtual_host
        # A new method, since pika sets the deprecated `insist`, which pamqp refuses to marshal.
        return [marshal(pamqp.commands.Connection.Open(virtual_host=name), frame.channel)]

    return rule


def with_heartbeat(seconds: int) -> Selective:
    """The broker proposes this heartbeat; 0 proposes none. What the client makes of it is the client's
    affair.
    """

    @only("Connection.Tune", sender=Side.BROKER, once=True)
    def rule(connection: "Connection", sender: Side, frame: Frame) -> Sequence[bytes] | None:
        tune = frame.decode()
        if not isinstance(tune, pamqp.commands.Connection.Tune):
            return None
        proposed = pamqp.commands.Connection.Tune(tune.channel_max, tune.frame_max, seconds)
        return [marshal(proposed, frame.channel)]

    return rule
