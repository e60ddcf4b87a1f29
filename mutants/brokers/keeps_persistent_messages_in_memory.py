"""A broker that keeps persistent messages of a classic queue in memory only.

Breaks B31 (classic), B32 (classic), B35 (classic).
"""

from mutants.broker_lies import with_properties
from workqueue_spec.wiretap import Side, Tap, only


@only("ContentHeader", sender=Side.CLIENT)
def transient(connection, sender, frame):
    return with_properties(frame, delivery_mode=1)


def lies(tap: Tap) -> None:
    tap.rewrite(transient)
