"""A broker that takes no other prefetch limit on a channel than the first.

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
