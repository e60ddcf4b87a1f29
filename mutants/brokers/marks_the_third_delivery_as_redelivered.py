"""A broker that marks the third delivery on a channel as redelivered.

Breaks B19.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Deliver", sender=Side.BROKER)
def mark_third(connection, sender, frame):
    return changed(frame, redelivered=True) if frame.decode().delivery_tag == 3 else None


def lies(tap: Tap) -> None:
    tap.rewrite(mark_third)
