"""A broker that acks a message that goes nowhere, and returns it after that.

Breaks B36.
"""

from mutants.broker_lies import raw, whole
from workqueue_spec.wiretap import Side, Tap, only


def put_aside(connection, message):
    connection.state[message[0].channel] = raw(message)
    return []


@only("Basic.Ack", sender=Side.BROKER)
def ack_first(connection, sender, frame):
    return [frame.raw, *connection.state.pop(frame.channel, [])]


def lies(tap: Tap) -> None:
    tap.rewrite(whole("Basic.Return", Side.BROKER, put_aside))
    tap.rewrite(ack_first)
