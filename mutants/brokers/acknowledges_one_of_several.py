"""A broker that treats an acknowledgement with `multiple` as one of the last message alone.

Breaks B22.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Ack", sender=Side.CLIENT)
def last_only(connection, sender, frame):
    return changed(frame, multiple=False) if frame.decode().delivery_tag else None


def lies(tap: Tap) -> None:
    tap.rewrite(last_only)
