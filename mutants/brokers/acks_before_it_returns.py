"""A broker that confirms an unroutable message before it returns it.

Breaks B36.
"""

from mutants.broker_lies import raw, whole
from workqueue_spec.wiretap import Side, Tap, only


def keep_return(connection, message):
    connection.state[message[0].channel] = raw(message)
    return []


@only("Basic.Ack", sender=Side.BROKER)
def ack_first(connection, sender, frame):
    return [frame.raw, *connection.state.pop(frame.channel, [])]


def lies(tap: Tap) -> None:
    tap.rewrite(whole("Basic.Return", Side.BROKER, keep_return))
    tap.rewrite(ack_first)
