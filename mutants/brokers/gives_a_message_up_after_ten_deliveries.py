"""A broker that drops a message after ten rejections, though no limit is set.

Breaks B25.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Reject", sender=Side.CLIENT)
def drop_after_ten(connection, sender, frame):
    connection.state["rejected"] = times = connection.state.get("rejected", 0) + 1
    return changed(frame, requeue=times < 10 and frame.decode().requeue)


def lies(tap: Tap) -> None:
    tap.rewrite(drop_after_ten)
