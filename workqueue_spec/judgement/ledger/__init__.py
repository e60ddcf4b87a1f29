"""The ledger: what the events of the wire mean for messages, queues and connections."""

from .entries import (
    Cancellation,
    Channel,
    Closed,
    Connection,
    Consumer,
    Declaration,
    Delivery,
    Fetch,
    Greeting,
    Publication,
    Removal,
    Reply,
    Stray,
)
from .ledger import Ledger
from .reader import NEVER_DELIVERED, Reader, ledger

__all__ = [
    "NEVER_DELIVERED",
    "Cancellation",
    "Channel",
    "Closed",
    "Connection",
    "Consumer",
    "Declaration",
    "Delivery",
    "Fetch",
    "Greeting",
    "Ledger",
    "Publication",
    "Reader",
    "Removal",
    "Reply",
    "Stray",
    "ledger",
]
