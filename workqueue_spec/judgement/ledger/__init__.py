"""The events of the wire, read as what they mean for messages: published, delivered, settled, returned."""

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
from .reader import NEVER_DELIVERED, ledger

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
    "Publication",
    "Removal",
    "Reply",
    "Stray",
    "ledger",
]
