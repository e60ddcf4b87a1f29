"""A broker that applies only the first prefetch limit on a channel, and ignores each later one.

Breaks B13.
"""

from pamqp.commands import Basic

from workqueue_spec.wiretap import Side, Tap, marshal, only


@only("Basic.Qos", sender=Side.CLIENT)
def only_the_first(connection, sender, frame):
    limited = connection.state.setdefault("limited", set())
    if frame.channel not in limited:
        limited.add(frame.channel)
        return None
    connection.send(Side.CLIENT, marshal(Basic.QosOk(), frame.channel))
    return []


def lies(tap: Tap) -> None:
    tap.rewrite(only_the_first)
