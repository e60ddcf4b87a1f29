"""A broker that sends `x-delivery-count` with each delivery of a queue of any type, and counts from one.

Breaks B26.
"""

from mutants.broker_lies import with_properties
from workqueue_spec.wiretap import Side, Tap, only


@only("ContentHeader", sender=Side.BROKER)
def add_one(connection, sender, frame):
    headers = frame.decode().properties.headers or {}
    count = headers.get("x-delivery-count", 0)
    return with_properties(frame, headers={**headers, "x-delivery-count": count + 1})


def lies(tap: Tap) -> None:
    tap.rewrite(add_one)
