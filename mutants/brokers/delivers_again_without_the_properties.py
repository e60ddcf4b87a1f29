"""A broker that has kept only the body of a message that it delivers again.

Breaks B19, B31.
"""

from workqueue_spec.lying import with_properties
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Deliver", "ContentHeader", sender=Side.BROKER)
def bare(line, sender, frame):
    again = line.state.setdefault("delivered again", set())
    if frame.name == "ContentHeader":
        return with_properties(frame, delivery_mode=None) if frame.channel in again else None
    (again.add if frame.decode().redelivered else again.discard)(frame.channel)
    return None


def lies(tap: Tap) -> None:
    tap.rewrite(bare)
