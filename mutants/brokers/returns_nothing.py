"""A broker that confirms an unroutable mandatory message without returning it.

Breaks B36.
"""

from mutants.broker_lies import drops
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(drops("Basic.Return", Side.BROKER))
