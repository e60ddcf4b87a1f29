"""A broker that takes a rejection for good as a requeue, if the consumer was cancelled before.

Breaks B49.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Cancel", sender=Side.CLIENT)
def note_cancel(connection, sender, frame):
    connection.state["cancelled", frame.channel] = True


@only("Basic.Reject", "Basic.Nack", sender=Side.CLIENT)
def requeue(connection, sender, frame):
    return changed(frame, requeue=True) if connection.state.get(("cancelled", frame.channel)) else None


def lies(tap: Tap) -> None:
    tap.rewrite(note_cancel)
    tap.rewrite(requeue)
