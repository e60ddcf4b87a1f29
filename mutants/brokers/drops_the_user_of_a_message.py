"""A broker that hands on every property of a message but `user_id`.

Breaks B41.
"""

from mutants.broker_lies import with_properties
from workqueue_spec.wiretap import Side, Tap, only


@only("ContentHeader", sender=Side.BROKER)
def of_nobody(connection, sender, frame):
    return with_properties(frame, user_id=None) if frame.decode().properties.user_id else None


def lies(tap: Tap) -> None:
    tap.rewrite(of_nobody)
