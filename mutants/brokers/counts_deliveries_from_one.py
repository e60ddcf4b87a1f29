"""A broker that counts in `x-delivery-count` from the first delivery on, on a queue of any type.

Breaks B26.
"""

from mutants.broker_lies import with_properties
from workqueue_spec.wiretap import Side, Tap, only


@only("ContentHeader", sender=Side.BROKER)
def one_more(connection, sender, frame):
    headers = frame.decode().properties.headers or {}
    count = headers.get("x-delivery-count", 0)
    return with_properties(frame, headers={**headers, "x-delivery-count": count + 1})


def lies(tap: Tap) -> None:
    tap.rewrite(one_more)
