"""A broker that takes a message twice that is published without confirms.

Breaks B15, B16.
"""

from mutants.broker_lies import raw, whole
from workqueue_spec.wiretap import Side, Tap, only


@only("Confirm.Select", sender=Side.CLIENT)
def note(connection, sender, frame):
    connection.state.setdefault("confirming", set()).add(frame.channel)


def twice(connection, message):
    if message[0].channel not in connection.state.get("confirming", ()):
        return raw(message) * 2
    return None


def lies(tap: Tap) -> None:
    tap.rewrite(note)
    tap.rewrite(whole("Basic.Publish", Side.CLIENT, twice))
