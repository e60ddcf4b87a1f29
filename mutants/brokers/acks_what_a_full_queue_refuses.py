"""A broker that confirms a message that a full queue has refused.

Breaks B38.
"""

from pamqp.commands import Basic

from workqueue_spec.wiretap import Side, Tap, marshal, only


@only("Basic.Nack", sender=Side.BROKER)
def ack(connection, sender, frame):
    nack = frame.decode()
    return [marshal(Basic.Ack(nack.delivery_tag, nack.multiple), frame.channel)]


def lies(tap: Tap) -> None:
    tap.rewrite(ack)
