"""A broker that takes an acknowledgement of several messages, up to a tag, for that of the last alone.

Breaks B22.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Ack", sender=Side.CLIENT)
def alone(connection, sender, frame):
    return changed(frame, multiple=False) if frame.decode().delivery_tag else None


def lies(tap: Tap) -> None:
    tap.rewrite(alone)
