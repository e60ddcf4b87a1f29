"""A broker that makes a classic queue durable, whether or not it is to be.

Breaks B02 (classic), B08, B33.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Queue.Declare", sender=Side.CLIENT)
def durably(connection, sender, frame):
    classic = frame.decode().arguments.get("x-queue-type", "classic") == "classic"
    return changed(frame, durable=True) if classic and not frame.decode().passive else None


def lies(tap: Tap) -> None:
    tap.rewrite(durably)
