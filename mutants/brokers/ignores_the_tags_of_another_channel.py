"""A broker that ignores an acknowledgement by a delivery tag of another channel of the connection, instead of
refusing it.

Breaks B21.
"""

from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Deliver", sender=Side.BROKER)
def note_tag(connection, sender, frame):
    connection.state.setdefault(frame.decode().delivery_tag, set()).add(frame.channel)


@only("Basic.Ack", sender=Side.CLIENT)
def drop_tag_of_another_channel(connection, sender, frame):
    channels = connection.state.get(frame.decode().delivery_tag)
    return [] if channels and frame.channel not in channels else None


def lies(tap: Tap) -> None:
    tap.rewrite(note_tag)
    tap.rewrite(drop_tag_of_another_channel)
