"""The model of one queue: what a broker may do next, whatever was done before. It has no sockets and no clock."""

from .differences import Differences
from .messages import Fate, Message
from .queue_model import QueueModel

__all__ = ["Differences", "Fate", "Message", "QueueModel"]
