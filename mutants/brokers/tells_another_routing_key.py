"""A broker that delivers a message with the queue's name as its exchange, and with an empty routing key.

Breaks B19, B31, B41.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Deliver", sender=Side.BROKER)
def change_routing(connection, sender, frame):
    return changed(frame, exchange=frame.decode().routing_key, routing_key="")


def lies(tap: Tap) -> None:
    tap.rewrite(change_routing)
