"""A broker that discards each message that is rejected without requeue, even if it should be dead-lettered.

Breaks B24.
"""

from pamqp.commands import Basic

from workqueue_spec.wiretap import Side, Tap, marshal, only


@only("Basic.Nack", "Basic.Reject", sender=Side.CLIENT)
def discard(connection, sender, frame):
    settlement = frame.decode()
    if settlement.requeue:
        return None
    return [marshal(Basic.Ack(settlement.delivery_tag), frame.channel)]


def lies(tap: Tap) -> None:
    tap.rewrite(discard)
