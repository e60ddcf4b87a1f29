"""A broker that answers a declaration with a different `exclusive` with 406, as for any other property.

Breaks B03.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Channel.Close", sender=Side.BROKER)
def answer_406(connection, sender, frame):
    return changed(frame, reply_code=406) if frame.decode().reply_code == 405 else None


def lies(tap: Tap) -> None:
    tap.rewrite(answer_406)
