"""A broker that says of the third message that a consumer is given that it may have been delivered before.

Breaks B19.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Deliver", sender=Side.BROKER)
def third_marked(connection, sender, frame):
    return changed(frame, redelivered=True) if frame.decode().delivery_tag == 3 else None


def lies(tap: Tap) -> None:
    tap.rewrite(third_marked)
