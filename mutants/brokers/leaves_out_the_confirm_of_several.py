"""A broker that leaves out every second of the confirms that are for several messages.

Breaks B34.
"""

from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Ack", sender=Side.BROKER)
def every_other(line, sender, frame):
    if not frame.decode().multiple:
        return None
    line.state["several"] = number = line.state.get("several", 0) + 1
    return [] if number % 2 else None


def lies(tap: Tap) -> None:
    tap.rewrite(every_other)
