"""A broker that changes the last byte of a body that fills more than one frame.

Breaks B41.
"""

from workqueue_spec.wiretap import Side, Tap, only


@only("ContentHeader", sender=Side.BROKER)
def note_size(connection, sender, frame):
    connection.state[frame.channel] = frame.decode().body_size


@only("ContentBody", sender=Side.BROKER)
def change_last_byte(connection, sender, frame):
    connection.state[frame.channel] -= len(frame.payload)
    if connection.state[frame.channel] or len(frame.payload) < 1000:
        return None
    return [frame.raw[:-2] + b"?\xce"]


def lies(tap: Tap) -> None:
    tap.rewrite(note_size)
    tap.rewrite(change_last_byte)
