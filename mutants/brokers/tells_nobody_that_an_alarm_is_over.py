"""A broker that tells publishers of a memory alarm, but not that it is over.

Breaks B43.
"""

from mutants.broker_lies import drops
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(drops("Connection.Unblocked", Side.BROKER))
