"""A broker that confirms the first several messages by the last of them alone, and later several not at all.

Breaks B34.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only

SEEN = "a confirm of several was seen"


@only("Basic.Ack", sender=Side.BROKER)
def leave_out(connection, sender, frame):
    if not frame.decode().multiple:
        return None
    if connection.state.get(SEEN):
        return []
    connection.state[SEEN] = True
    return changed(frame, multiple=False)


def lies(tap: Tap) -> None:
    tap.rewrite(leave_out)
