"""A broker that says yes to a prefetch limit and forgets it.

Breaks B01, B12, B13, B14, B17, B20.
"""

from pamqp.commands import Basic

from workqueue_spec.wiretap import Side, Tap, marshal, only


@only("Basic.Qos", sender=Side.CLIENT)
def say_yes(connection, sender, frame):
    connection.send(Side.CLIENT, marshal(Basic.QosOk(), frame.channel))
    return []


def lies(tap: Tap) -> None:
    tap.rewrite(say_yes)
