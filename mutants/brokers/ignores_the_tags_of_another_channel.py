"""A broker that does not refuse a tag which it has given on another channel of the connection.

Breaks B21.
"""

from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Deliver", sender=Side.BROKER)
def hand_out(connection, sender, frame):
    connection.state.setdefault(frame.decode().delivery_tag, set()).add(frame.channel)


@only("Basic.Ack", sender=Side.CLIENT)
def let_pass(connection, sender, frame):
    channels = connection.state.get(frame.decode().delivery_tag)
    return [] if channels and frame.channel not in channels else None


def lies(tap: Tap) -> None:
    tap.rewrite(hand_out)
    tap.rewrite(let_pass)
