"""A broker that does not tell a consumer when its queue is deleted.

Breaks B28.
"""

from mutants.broker_lies import drops
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(drops("Basic.Cancel", Side.BROKER))
