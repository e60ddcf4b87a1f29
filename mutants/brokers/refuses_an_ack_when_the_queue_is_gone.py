"""A broker that refuses the acknowledgement of a message whose queue was deleted.

Breaks B23.
"""

from workqueue_spec.lying import refusing
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Cancel", sender=Side.BROKER)
def note(line, sender, frame):
    line.state["deleted"] = True


def lies(tap: Tap) -> None:
    refuse = refusing(tap)

    @only("Basic.Ack", sender=Side.CLIENT)
    def too_late(line, sender, frame):
        if not line.state.get("deleted"):
            return None
        return refuse(line, frame, 406, "PRECONDITION_FAILED - unknown delivery tag")

    tap.rewrite(note)
    tap.rewrite(too_late)
