"""A broker that confirms several messages by the number of the last, but without `multiple`.

Breaks B34.
"""

from mutants.broker_lies import changes
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(changes("Basic.Ack", Side.BROKER, multiple=False))
