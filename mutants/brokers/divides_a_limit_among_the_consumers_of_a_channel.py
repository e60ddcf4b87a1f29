"""A broker that gives a consumer less of its prefetch limit where others have come before it on the channel.

Breaks B13.
"""

from workqueue_spec.lying import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Consume", sender=Side.CLIENT)
def come(line, sender, frame):
    line.state.setdefault("consumers", []).append(frame.channel)


@only("Basic.Qos", sender=Side.CLIENT)
def divide(line, sender, frame):
    consumers = 1 + line.state.get("consumers", []).count(frame.channel)
    return changed(frame, prefetch_count=frame.decode().prefetch_count // consumers)


def lies(tap: Tap) -> None:
    tap.rewrite(come)
    tap.rewrite(divide)
