"""A broker that closes the whole connection of a client that asks for a queue that does not exist.

Breaks B10.
"""

from pamqp.commands import Connection

from workqueue_spec.wiretap import Side, Tap, marshal, only


@only("Channel.Close", sender=Side.BROKER)
def close_connection(connection, sender, frame):
    close = frame.decode()
    if "no queue" not in close.reply_text:
        return None
    return [marshal(Connection.Close(404, close.reply_text, close.class_id, close.method_id), 0)]


def lies(tap: Tap) -> None:
    tap.rewrite(close_connection)
