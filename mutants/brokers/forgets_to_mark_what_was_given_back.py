"""A broker that marks what a lost consumer held as redelivered, but not what a consumer gives back.

Breaks B19.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Nack", "Basic.Reject", sender=Side.CLIENT)
def note(connection, sender, frame):
    connection.state["gave back"] = True


@only("Basic.Deliver", sender=Side.BROKER)
def unmarked(connection, sender, frame):
    return changed(frame, redelivered=False) if connection.state.get("gave back") else None


def lies(tap: Tap) -> None:
    tap.rewrite(note)
    tap.rewrite(unmarked)
