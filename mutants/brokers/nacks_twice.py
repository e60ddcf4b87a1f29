"""A broker that sends each nack to a publisher twice.

Breaks B34.
"""

from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Nack", sender=Side.BROKER)
def nack_twice(connection, sender, frame):
    return [frame.raw, frame.raw]


def lies(tap: Tap) -> None:
    tap.rewrite(nack_twice)
