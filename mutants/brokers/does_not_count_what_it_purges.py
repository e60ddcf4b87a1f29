"""A broker that purges a queue, and says that it has removed no message.

Breaks B49.
"""

from mutants.broker_lies import changes
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(changes("Queue.PurgeOk", Side.BROKER, message_count=0))
