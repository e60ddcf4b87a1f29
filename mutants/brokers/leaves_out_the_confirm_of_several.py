"""A broker that confirms the first several messages by the last of them alone, and later several not at all.

Breaks B34.
"""

from workqueue_spec.lying import changed
from workqueue_spec.wiretap import Side, Tap, only

SEEN = "a confirm of several was seen"


@only("Basic.Ack", sender=Side.BROKER)
def leave_out(line, sender, frame):
    if not frame.decode().multiple:
        return None
    if line.state.get(SEEN):
        return []
    line.state[SEEN] = True
    return changed(frame, multiple=False)


def lies(tap: Tap) -> None:
    tap.rewrite(leave_out)
