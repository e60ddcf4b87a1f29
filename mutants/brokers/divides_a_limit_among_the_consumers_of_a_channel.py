"""A broker that divides a consumer's prefetch limit by the number of consumers on the channel.

Breaks B13.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Consume", sender=Side.CLIENT)
def note_consumer(connection, sender, frame):
    connection.state.setdefault("consumers", []).append(frame.channel)


@only("Basic.Qos", sender=Side.CLIENT)
def divide(connection, sender, frame):
    consumers = 1 + connection.state.get("consumers", []).count(frame.channel)
    return changed(frame, prefetch_count=frame.decode().prefetch_count // consumers)


def lies(tap: Tap) -> None:
    tap.rewrite(note_consumer)
    tap.rewrite(divide)
