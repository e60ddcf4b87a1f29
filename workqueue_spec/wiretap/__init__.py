"""The wire tap: a TCP proxy that understands AMQP 0-9-1, tells what passes, and can be told to spoil it.

It knows nothing of work queues. A `Wire` owns the thread that everything runs in; each `Tap` of it is one
listening address in front of one broker.
"""

from .connection import Connection
from .events import Content, Side, WireEvent
from .frames import Frame, marshal
from .holds import Hold
from .listener import Listener, NewClient, OwnPort, PassedSockets
from .loop_thread import LoopThread
from .prefix_rule import with_prefix
from .rules import ASKED_FOR, Rule, Selective, into_virtual_host, only, with_heartbeat
from .tap import Tap, Upstream

__all__ = [
    "ASKED_FOR",
    "Connection",
    "Content",
    "Frame",
    "Hold",
    "Listener",
    "LoopThread",
    "NewClient",
    "OwnPort",
    "PassedSockets",
    "Rule",
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
