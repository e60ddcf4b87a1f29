"""A broker that makes every classic queue durable, even if it is declared as transient.

Breaks B02 (classic), B08, B33.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Queue.Declare", sender=Side.CLIENT)
def make_durable(connection, sender, frame):
    classic = frame.decode().arguments.get("x-queue-type", "classic") == "classic"
    return changed(frame, durable=True) if classic and not frame.decode().passive else None


def lies(tap: Tap) -> None:
    tap.rewrite(make_durable)
