"""A broker that lets a consumer hold one message more than its prefetch limit.

Breaks B01, B12, B13, B14 (classic), B17, B20.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Qos", sender=Side.CLIENT)
def add_one(connection, sender, frame):
    return changed(frame, prefetch_count=frame.decode().prefetch_count + 1)


def lies(tap: Tap) -> None:
    tap.rewrite(add_one)
