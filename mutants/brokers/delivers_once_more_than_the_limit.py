"""A broker that delivers a message once more than the delivery limit allows.

Breaks B25 (quorum).
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Queue.Declare", sender=Side.CLIENT)
def raise_limit(connection, sender, frame):
    arguments = frame.decode().arguments
    if "x-delivery-limit" not in arguments:
        return None
    more = arguments["x-delivery-limit"] + 1
    return changed(frame, arguments={**arguments, "x-delivery-limit": more})


def lies(tap: Tap) -> None:
    tap.rewrite(raise_limit)
