"""A broker that takes a message back after the acknowledgement timeout, and does not tell the consumer.

Breaks B30.
"""

from pamqp.commands import Channel

from workqueue_spec.wiretap import Side, Tap, marshal, only


@only("Channel.Close", sender=Side.BROKER)
def hide_timeout(connection, sender, frame):
    if "delivery acknowledgement" not in frame.decode().reply_text:
        return None
    connection.send(Side.BROKER, marshal(Channel.CloseOk(), frame.channel))
    return []


def lies(tap: Tap) -> None:
    tap.rewrite(hide_timeout)
