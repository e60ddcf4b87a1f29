"""A broker that makes a classic queue where a quorum queue is asked for that cannot be.

Breaks B09.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Queue.Declare", sender=Side.CLIENT)
def as_a_classic_one(connection, sender, frame):
    asked = frame.decode()
    if asked.durable and not (asked.exclusive or asked.auto_delete):
        return None
    return changed(frame, arguments={**asked.arguments, "x-queue-type": "classic"})


def lies(tap: Tap) -> None:
    tap.rewrite(as_a_classic_one)
