"""A broker that refuses an acknowledgement of what its consumer does not hold, but not its rejection.

Breaks B21.
"""

from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Deliver", sender=Side.BROKER)
def hand_out(connection, sender, frame):
    connection.state.setdefault("delivered", set()).add((frame.channel, frame.decode().delivery_tag))


@only("Basic.Reject", sender=Side.CLIENT)
def let_pass(connection, sender, frame):
    known = (frame.channel, frame.decode().delivery_tag) in connection.state.get("delivered", ())
    return None if known else []


def lies(tap: Tap) -> None:
    tap.rewrite(hand_out)
    tap.rewrite(let_pass)
