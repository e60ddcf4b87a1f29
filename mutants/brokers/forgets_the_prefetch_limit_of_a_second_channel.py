"""A broker that keeps to the prefetch limit on the first channel of a connection only.

Breaks B12.
"""

from pamqp.commands import Basic

from workqueue_spec.wiretap import Side, Tap, marshal, only


@only("Basic.Qos", sender=Side.CLIENT)
def say_yes(connection, sender, frame):
    if frame.channel == 1:
        return None
    connection.send(Side.CLIENT, marshal(Basic.QosOk(), frame.channel))
    return []


def lies(tap: Tap) -> None:
    tap.rewrite(say_yes)
