"""A broker that delivers to channels in turn, but to the first consumer only of each channel.

Breaks B11.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Consume", sender=Side.CLIENT)
def lower_priority(connection, sender, frame):
    consumers = connection.state.setdefault("consumers", [])
    consumers.append(frame.channel)
    return changed(frame, arguments={"x-priority": 1 - consumers.count(frame.channel)})


def lies(tap: Tap) -> None:
    tap.rewrite(lower_priority)
