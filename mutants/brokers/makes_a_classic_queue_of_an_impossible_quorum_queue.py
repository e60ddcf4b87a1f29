"""A broker that makes a classic queue if a quorum queue is declared with properties that it cannot have.

Breaks B09.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Queue.Declare", sender=Side.CLIENT)
def make_classic(connection, sender, frame):
    asked = frame.decode()
    if asked.durable and not (asked.exclusive or asked.auto_delete):
        return None
    return changed(frame, arguments={**asked.arguments, "x-queue-type": "classic"})


def lies(tap: Tap) -> None:
    tap.rewrite(make_classic)
