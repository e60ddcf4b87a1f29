"""A broker that sends its first confirm of several messages without `multiple`, and later ones not at all.

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
