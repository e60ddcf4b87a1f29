"""A broker that gives a consumer less of its prefetch limit where others have come before it on the channel.

Breaks B13.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Consume", sender=Side.CLIENT)
def come(connection, sender, frame):
    connection.state.setdefault("consumers", []).append(frame.channel)


@only("Basic.Qos", sender=Side.CLIENT)
def divide(connection, sender, frame):
    consumers = 1 + connection.state.get("consumers", []).count(frame.channel)
    return changed(frame, prefetch_count=frame.decode().prefetch_count // consumers)


def lies(tap: Tap) -> None:
    tap.rewrite(come)
    tap.rewrite(divide)
