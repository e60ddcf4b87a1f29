"""A broker that refuses the acknowledgement of all that is outstanding before it has delivered anything.

Breaks B22.
"""

from mutants.broker_lies import refusing
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Deliver", "Basic.GetOk", sender=Side.BROKER)
def hand_out(connection, sender, frame):
    connection.state["delivered"] = True


def lies(tap: Tap) -> None:
    refuse = refusing(tap)

    @only("Basic.Ack", sender=Side.CLIENT)
    def nothing(connection, sender, frame):
        if connection.state.get("delivered"):
            return None
        return refuse(connection, frame, 406, "PRECONDITION_FAILED - unknown delivery tag 0")

    tap.rewrite(hand_out)
    tap.rewrite(nothing)
