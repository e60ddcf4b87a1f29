"""A broker that drops a mandatory message that goes nowhere, and acks it.

Breaks B36.
"""

from mutants.broker_lies import swallows
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(swallows("Basic.Return", Side.BROKER))
