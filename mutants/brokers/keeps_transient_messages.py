"""A broker that keeps transient messages of a classic queue on disk.

Breaks B32 (classic).
"""

from mutants.broker_lies import with_properties
from workqueue_spec.wiretap import Side, Tap, only


@only("ContentHeader", sender=Side.CLIENT)
def persistent(connection, sender, frame):
    return with_properties(frame, delivery_mode=2)


def lies(tap: Tap) -> None:
    tap.rewrite(persistent)
