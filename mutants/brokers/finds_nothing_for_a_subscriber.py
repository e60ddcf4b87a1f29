"""A broker that tells a client which has subscribed on the same channel that there is no message to fetch.

Breaks B49.
"""

from pamqp.commands import Basic

from workqueue_spec.wiretap import Side, Tap, marshal, only


@only("Basic.Consume", sender=Side.CLIENT)
def note_subscription(connection, sender, frame):
    connection.state["subscribed", frame.channel] = True


@only("Basic.Get", sender=Side.CLIENT)
def find_nothing(connection, sender, frame):
    if not connection.state.get(("subscribed", frame.channel)):
        return None
    connection.send(Side.CLIENT, marshal(Basic.GetEmpty(), frame.channel))
    return []


def lies(tap: Tap) -> None:
    tap.rewrite(note_subscription)
    tap.rewrite(find_nothing)
