"""A broker that never marks a delivery as redelivered.

Breaks B19.
"""

from mutants.broker_lies import changes
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(changes("Basic.Deliver", Side.BROKER, redelivered=False))
