"""A broker that delivers to another consumer only when its first one has gone.

Breaks B48, B11.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Queue.Declare", sender=Side.CLIENT)
def for_one_consumer(connection, sender, frame):
    method = frame.decode()
    return changed(frame, arguments={**method.arguments, "x-single-active-consumer": True})


def lies(tap: Tap) -> None:
    tap.rewrite(for_one_consumer)
