"""A broker that counts a message for each consumer among those that are ready.

Breaks B17.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Queue.DeclareOk", sender=Side.BROKER)
def more(connection, sender, frame):
    counts = frame.decode()
    return changed(frame, message_count=counts.message_count + counts.consumer_count)


def lies(tap: Tap) -> None:
    tap.rewrite(more)
