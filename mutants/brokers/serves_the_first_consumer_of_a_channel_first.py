"""A broker that gives the first of the consumers on a channel all there is, and serves channels in turn.

Breaks B11.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Consume", sender=Side.CLIENT)
def behind_the_others(connection, sender, frame):
    consumers = connection.state.setdefault("consumers", [])
    consumers.append(frame.channel)
    return changed(frame, arguments={"x-priority": 1 - consumers.count(frame.channel)})


def lies(tap: Tap) -> None:
    tap.rewrite(behind_the_others)
