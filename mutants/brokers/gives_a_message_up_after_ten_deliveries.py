"""A broker that gives a message up when it was rejected ten times, though no limit is set.

Breaks B25.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Reject", sender=Side.CLIENT)
def give_up(connection, sender, frame):
    connection.state["rejected"] = times = connection.state.get("rejected", 0) + 1
    return changed(frame, requeue=times < 10 and frame.decode().requeue)


def lies(tap: Tap) -> None:
    tap.rewrite(give_up)
