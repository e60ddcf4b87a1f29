"""A broker that treats a nack with `multiple` as one of the last message alone.

Breaks B22.
"""

from mutants.broker_lies import changes
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(changes("Basic.Nack", Side.CLIENT, multiple=False))
