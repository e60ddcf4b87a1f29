"""A broker that marks what a lost consumer held as redelivered, but not what a consumer gives back.

Breaks B19.
"""

from workqueue_spec.lying import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Nack", "Basic.Reject", sender=Side.CLIENT)
def note(line, sender, frame):
    line.state["gave back"] = True


@only("Basic.Deliver", sender=Side.BROKER)
def unmarked(line, sender, frame):
    return changed(frame, redelivered=False) if line.state.get("gave back") else None


def lies(tap: Tap) -> None:
    tap.rewrite(note)
    tap.rewrite(unmarked)
