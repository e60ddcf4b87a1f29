"""A broker that tells a publisher twice that it does not take a message.

Breaks B34.
"""

from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Nack", sender=Side.BROKER)
def twice(connection, sender, frame):
    return [frame.raw, frame.raw]


def lies(tap: Tap) -> None:
    tap.rewrite(twice)
