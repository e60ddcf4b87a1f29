"""A broker that delivers a message without its `user_id`.

Breaks B41.
"""

from mutants.broker_lies import with_properties
from workqueue_spec.wiretap import Side, Tap, only


@only("ContentHeader", sender=Side.BROKER)
def without_user(connection, sender, frame):
    return with_properties(frame, user_id=None) if frame.decode().properties.user_id else None


def lies(tap: Tap) -> None:
    tap.rewrite(without_user)
