"""A broker that drops a mandatory message that goes nowhere, and acks it.

Breaks B36.
"""

from workqueue_spec.lying import swallows
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(swallows("Basic.Return", Side.BROKER))
