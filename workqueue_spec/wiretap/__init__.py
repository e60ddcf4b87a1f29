"""The wire tap: a TCP proxy that understands AMQP 0-9-1, tells what passes, and makes faults on request.

It knows nothing of work queues. A `LoopThread` is the thread that everything runs in; each of its `Tap`s is
one listening port in front of one broker. A tap has a `Relay` for each connection, which owns the sockets and
carries out what the connection's `Core` decides.
"""

from .capture import Capture
from .events import Content, Say, Side, WireEvent
from .frames import METHODS, Frame, marshal
from .holds import Hold
from .link_fault import LinkFault
from .listener import Listener, NewClient, OwnPort, PassedSockets
from .loop_thread import LoopThread
from .prefix_rule import with_prefix
from .rules import (
    REQUESTED_VIRTUAL_HOST,
    Connection,
    Rule,
    Selective,
    into_virtual_host,
    only,
    with_heartbeat,
)
from .tap import Limit, Tap
from .upstream import Upstream

__all__ = [
    "METHODS",
    "REQUESTED_VIRTUAL_HOST",
    "Capture",
    "Connection",
    "Content",
    "Frame",
    "Hold",
    "Limit",
    "LinkFault",
    "Listener",
    "LoopThread",
    "NewClient",
    "OwnPort",
    "PassedSockets",
    "Rule",
    "Say",
    "Selective",
    "Side",
    "Tap",
    "Upstream",
    "WireEvent",
    "into_virtual_host",
    "marshal",
    "only",
    "with_heartbeat",
    "with_prefix",
]
