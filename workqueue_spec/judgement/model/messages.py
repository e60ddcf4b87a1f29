"""A message as the model knows it."""

from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """What became of a message. Every message has exactly one of these fates at a time."""

    READY = "ready"
    UNCERTAIN = "published without a confirm"
    """It may be ready, and may come; it may also never come."""
    HELD = "held by a client"
    ACKNOWLEDGED = "acknowledged"
    DEAD_LETTERED = "dead-lettered"
    PURGED = "purged"
    DELETED = "deleted with its queue"
    LOST = "transient, and lost with a restart"
    UNROUTABLE = "published when there was no queue"


@dataclass
class Message:
    """A message, and what is known of it."""

    number: int
    """Its place in the order of publication, from 1."""
    client: int
    """The client that published it, and with it the channel."""
    persistent: bool
    mandatory: bool
    fate: Fate
    placed: bool = True
    """Whether its place among the others is known: not of a message that was uncertain once."""
    deliveries: int = 0
    """How often it was seen to be delivered."""
    may_be_marked: bool = False
    """Whether it may come marked as redelivered though nobody has seen it: a lost client may have had it."""

    def __str__(self) -> str:
        return f"message {self.number}"
