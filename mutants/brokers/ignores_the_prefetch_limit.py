"""A broker that confirms a prefetch limit and does not apply it.

Breaks B01, B12, B13, B14, B17, B20.
"""

from pamqp.commands import Basic

from workqueue_spec.wiretap import Side, Tap, marshal, only


@only("Basic.Qos", sender=Side.CLIENT)
def confirm_only(connection, sender, frame):
    connection.send(Side.CLIENT, marshal(Basic.QosOk(), frame.channel))
    return []


def lies(tap: Tap) -> None:
    tap.rewrite(confirm_only)
