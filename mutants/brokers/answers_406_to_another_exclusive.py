"""A broker that takes another `exclusive` for a mismatch like any other, and answers 406.

Breaks B03.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Channel.Close", sender=Side.BROKER)
def as_a_mismatch(connection, sender, frame):
    return changed(frame, reply_code=406) if frame.decode().reply_code == 405 else None


def lies(tap: Tap) -> None:
    tap.rewrite(as_a_mismatch)
