"""A broker that publishes each message twice that is published without confirms.

Breaks B15, B16.
"""

from mutants.broker_lies import raw, whole
from workqueue_spec.wiretap import Side, Tap, only


@only("Confirm.Select", sender=Side.CLIENT)
def note_confirm_mode(connection, sender, frame):
    connection.state.setdefault("confirming", set()).add(frame.channel)


def publish_twice(connection, message):
    if message[0].channel not in connection.state.get("confirming", ()):
        return raw(message) * 2
    return None


def lies(tap: Tap) -> None:
    tap.rewrite(note_confirm_mode)
    tap.rewrite(whole("Basic.Publish", Side.CLIENT, publish_twice))
