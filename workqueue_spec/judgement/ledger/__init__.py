"""The ledger: what the events of the wire mean for messages, queues and connections."""

from .entries import (
    Binding,
    Cancellation,
    Channel,
    Closed,
    Connection,
    Consumer,
    Declaration,
    Delivery,
    Exchange,
    Fetch,
    Greeting,
    Publication,
    Removal,
    Reply,
    Stray,
)
from .ledger import Ledger
from .reader import NEVER_DELIVERED, PassingReader, Reader, ledger

__all__ = [
    "NEVER_DELIVERED",
    "Binding",
    "Cancellation",
    "Channel",
    "Closed",
    "Connection",
    "Consumer",
    "Declaration",
    "Delivery",
    "Exchange",
    "Fetch",
    "Greeting",
    "Ledger",
    "PassingReader",
    "Publication",
    "Reader",
    "Removal",
    "Reply",
    "Stray",
    "ledger",
]
