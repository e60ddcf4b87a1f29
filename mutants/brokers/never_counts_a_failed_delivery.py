"""A broker that says of every redelivery that it is the second.

Breaks B26 (quorum).
"""

from mutants.broker_lies import with_properties
from workqueue_spec.wiretap import Side, Tap, only


@only("ContentHeader", sender=Side.BROKER)
def always_one(connection, sender, frame):
    headers = frame.decode().properties.headers or {}
    if "x-delivery-count" not in headers:
        return None
    return with_properties(frame, headers={**headers, "x-delivery-count": 1})


def lies(tap: Tap) -> None:
    tap.rewrite(always_one)
