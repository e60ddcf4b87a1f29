"""A broker that adds the number of consumers to the number of ready messages.

Breaks B17.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Queue.DeclareOk", sender=Side.BROKER)
def add_consumers(connection, sender, frame):
    counts = frame.decode()
    return changed(frame, message_count=counts.message_count + counts.consumer_count)


def lies(tap: Tap) -> None:
    tap.rewrite(add_consumers)
