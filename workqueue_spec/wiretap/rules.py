"""Rules: they see a frame before it is forwarded, and may have other frames forwarded instead."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pamqp.commands

from .events import Side
from .frames import Frame, marshal


class Connection(Protocol):
    """A connection of a client through the tap, as a rule sees it. It is used in the loop thread."""

    number: int
    """From 1 within its tap."""
    state: dict[str, Any]
    """For rules, to remember what they need for this connection."""
    broker_address: str
    """Host and port of the broker, or of the node of a cluster; empty until it is connected."""

    @property
    def passes(self) -> bool:
        """Whether bytes are forwarded: the connection is open, and not swallowed."""

    def send(self, to: Side, raw: bytes) -> None:
        """Sends frames to one side, as if the other side had sent them. They wait until no frame is under way to
        that side, and no message on their channel; within a rule, also until the frame at hand has passed.
        """

    def cut(self, *, reset: bool = False) -> None:
        """Ends the connection on both sides, with a FIN or a RST. What was under way is lost."""

    def swallow(self) -> None:
        """From now on both sides stay open, and nothing passes."""


Rule = Callable[[Connection, Side, Frame], Sequence[bytes] | None]
"""Called in the loop thread with the connection, the sender and the frame. None forwards the frame as it is;
otherwise the raw frames that it returns are forwarded instead. An empty sequence drops the frame, and with a
method that bears content its content. A rule may send to either side with `Connection.send`, or end the
connection with `Connection.cut`.

A rule that raises is told as `Say.FAILED`, and the frame passes as it is."""


@dataclass(frozen=True, slots=True)
class Selective:
    """A rule that is shown some frames only, so that other frames need not wait for it."""

    rule: Rule
    names: frozenset[str]
    sender: Side | None = None
    """None: either side."""
    once: bool = False
    """On each connection it is shown the first such frame only."""

    def __call__(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        """Shows the frame to the rule."""
        return self.rule(connection, sender, frame)


def only(*names: str, sender: Side | None = None, once: bool = False) -> Callable[[Rule], Selective]:
    """A decorator: the rule is shown frames of these names only."""
    return lambda rule: Selective(rule, frozenset(names), sender, once)


def concerns(rule: Rule, sender: Side) -> bool:
    """Whether the rule may be shown frames that this side sends."""
    return not isinstance(rule, Selective) or rule.sender in {None, sender}


def wants(rule: Rule, name: str) -> bool:
    """Whether the rule is to be shown frames of this name."""
    return not isinstance(rule, Selective) or name in rule.names


REQUESTED_VIRTUAL_HOST = "the virtual host that the client asked for"
"""The key under which `into_virtual_host` notes this virtual host in a connection's state."""


def into_virtual_host(name: str) -> Selective:
    """Every connection is opened in this virtual host, whatever it asks for."""

    @only("Connection.Open", sender=Side.CLIENT, once=True)
    def rule(connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes]:
        asked = frame.decode()
        if isinstance(asked, pamqp.commands.Connection.Open):
            connection.state[REQUESTED_VIRTUAL_HOST] = asked.virtual_host
        # A new method, since pika sets the deprecated `insist`, which pamqp refuses to marshal.
        return [marshal(pamqp.commands.Connection.Open(virtual_host=name), frame.channel)]

    return rule


def with_heartbeat(seconds: int) -> Selective:
    """The broker proposes this heartbeat; 0 proposes none. What the client answers is up to the client."""

    @only("Connection.Tune", sender=Side.BROKER, once=True)
    def rule(connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        tune = frame.decode()
        if not isinstance(tune, pamqp.commands.Connection.Tune):
            return None
        proposed = pamqp.commands.Connection.Tune(tune.channel_max, tune.frame_max, seconds)
        return [marshal(proposed, frame.channel)]

    return rule
