"""A broker that refuses the acknowledgement of a message if its queue was deleted.

Breaks B23.
"""

from mutants.broker_lies import refusing
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Cancel", sender=Side.BROKER)
def note_deletion(connection, sender, frame):
    connection.state["deleted"] = True


def lies(tap: Tap) -> None:
    refuse = refusing(tap)

    @only("Basic.Ack", sender=Side.CLIENT)
    def refuse_ack(connection, sender, frame):
        if not connection.state.get("deleted"):
            return None
        return refuse(connection, frame, 406, "PRECONDITION_FAILED - unknown delivery tag")

    tap.rewrite(note_deletion)
    tap.rewrite(refuse_ack)
