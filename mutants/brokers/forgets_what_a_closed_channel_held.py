"""A broker that counts what a consumer holds as acknowledged when the consumer closes its channel.

Breaks B17, B18, B20, B22, B27, B44.
"""

from pamqp.commands import Basic

from workqueue_spec.wiretap import Side, Tap, marshal, only


@only("Channel.Close", sender=Side.CLIENT)
def acknowledge_all(connection, sender, frame):
    return [marshal(Basic.Ack(0, multiple=True), frame.channel), frame.raw]


def lies(tap: Tap) -> None:
    tap.rewrite(acknowledge_all)
