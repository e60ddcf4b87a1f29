"""A broker that sends an `x-delivery-count` of one with every redelivery.

Breaks B26 (quorum).
"""

from mutants.broker_lies import with_properties
from workqueue_spec.wiretap import Side, Tap, only


@only("ContentHeader", sender=Side.BROKER)
def count_of_one(connection, sender, frame):
    headers = frame.decode().properties.headers or {}
    if "x-delivery-count" not in headers:
        return None
    return with_properties(frame, headers={**headers, "x-delivery-count": 1})


def lies(tap: Tap) -> None:
    tap.rewrite(count_of_one)
