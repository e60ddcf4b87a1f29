"""A broker that drops a message that goes nowhere, and says nothing of it.

Breaks B34, B37.
"""

from workqueue_spec.lying import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Publish", sender=Side.CLIENT)
def have_it_returned(line, sender, frame):
    if frame.decode().mandatory:
        return None
    line.state["not mandatory"] = True
    return changed(frame, mandatory=True)


@only("Basic.Return", "Basic.Ack", sender=Side.BROKER)
def say_nothing(line, sender, frame):
    if frame.name == "Basic.Return" and line.state.pop("not mandatory", False):
        line.state["unroutable"] = frame.channel
        return []
    return [] if frame.name == "Basic.Ack" and line.state.pop("unroutable", 0) else None


def lies(tap: Tap) -> None:
    tap.rewrite(have_it_returned)
    tap.rewrite(say_nothing)
