"""A broker that applies the prefetch limit only on the first channel of a connection.

Breaks B12.
"""

from pamqp.commands import Basic

from workqueue_spec.wiretap import Side, Tap, marshal, only


@only("Basic.Qos", sender=Side.CLIENT)
def confirm_only(connection, sender, frame):
    if frame.channel == 1:
        return None
    connection.send(Side.CLIENT, marshal(Basic.QosOk(), frame.channel))
    return []


def lies(tap: Tap) -> None:
    tap.rewrite(confirm_only)
