"""A broker that ignores an acknowledgement by an unknown delivery tag, instead of refusing it.

Breaks B21.
"""

from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Deliver", "Basic.GetOk", "Basic.Consume")
def note_tag(connection, sender, frame):
    method = frame.decode()
    if frame.name == "Basic.Consume":
        connection.state["no ack"] = method.no_ack
    elif not connection.state.get("no ack"):
        connection.state.setdefault("held", set()).add((frame.channel, method.delivery_tag))


@only("Basic.Ack", sender=Side.CLIENT)
def drop_unknown_tag(connection, sender, frame):
    ack, held = frame.decode(), connection.state.setdefault("held", set())
    known = ack.multiple or (frame.channel, ack.delivery_tag) in held
    held.discard((frame.channel, ack.delivery_tag))
    return None if known else []


def lies(tap: Tap) -> None:
    tap.rewrite(note_tag)
    tap.rewrite(drop_unknown_tag)
