"""A broker that refuses an acknowledgement by an unknown delivery tag, but ignores a rejection by one.

Breaks B21.
"""

from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Deliver", sender=Side.BROKER)
def note_tag(connection, sender, frame):
    connection.state.setdefault("delivered", set()).add((frame.channel, frame.decode().delivery_tag))


@only("Basic.Reject", sender=Side.CLIENT)
def drop_unknown_tag(connection, sender, frame):
    known = (frame.channel, frame.decode().delivery_tag) in connection.state.get("delivered", ())
    return None if known else []


def lies(tap: Tap) -> None:
    tap.rewrite(note_tag)
    tap.rewrite(drop_unknown_tag)
