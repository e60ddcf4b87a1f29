"""A broker that leaves out the confirms that are for several messages.

Breaks B31, B32, B33, B34, B35.
"""

from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Ack", sender=Side.BROKER)
def leave_out(line, sender, frame):
    return [] if frame.decode().multiple else None


def lies(tap: Tap) -> None:
    tap.rewrite(leave_out)
