"""A broker that confirms a prefetch limit for a whole channel and does not apply it.

Breaks B14.
"""

from pamqp.commands import Basic

from workqueue_spec.wiretap import Side, Tap, marshal, only


@only("Basic.Qos", sender=Side.CLIENT)
def confirm_only(connection, sender, frame):
    if not frame.decode().global_:
        return None
    connection.send(Side.CLIENT, marshal(Basic.QosOk(), frame.channel))
    return []


def lies(tap: Tap) -> None:
    tap.rewrite(confirm_only)
