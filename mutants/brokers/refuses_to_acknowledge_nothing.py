"""A broker that refuses an acknowledgement of all outstanding messages if it has delivered none.

Breaks B22.
"""

from mutants.broker_lies import refusing
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Deliver", "Basic.GetOk", sender=Side.BROKER)
def note_delivery(connection, sender, frame):
    connection.state["delivered"] = True


def lies(tap: Tap) -> None:
    refuse = refusing(tap)

    @only("Basic.Ack", sender=Side.CLIENT)
    def refuse_if_nothing_delivered(connection, sender, frame):
        if connection.state.get("delivered"):
            return None
        return refuse(connection, frame, 406, "PRECONDITION_FAILED - unknown delivery tag 0")

    tap.rewrite(note_delivery)
    tap.rewrite(refuse_if_nothing_delivered)
