"""A broker that marks what a lost consumer held as redelivered, but not what a consumer requeues.

Breaks B19.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Nack", "Basic.Reject", sender=Side.CLIENT)
def note_requeue(connection, sender, frame):
    connection.state["requeued"] = True


@only("Basic.Deliver", sender=Side.BROKER)
def unmark(connection, sender, frame):
    return changed(frame, redelivered=False) if connection.state.get("requeued") else None


def lies(tap: Tap) -> None:
    tap.rewrite(note_requeue)
    tap.rewrite(unmark)
