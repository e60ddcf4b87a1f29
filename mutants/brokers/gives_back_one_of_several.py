"""A broker that takes a nack of several messages, up to a tag, for that of the last alone.

Breaks B22.
"""

from mutants.broker_lies import changes
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(changes("Basic.Nack", Side.CLIENT, multiple=False))
