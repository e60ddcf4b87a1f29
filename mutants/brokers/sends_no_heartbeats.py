"""A broker that agrees on a heartbeat and sends none.

Breaks B42.
"""

from mutants.broker_lies import drops
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(drops("Heartbeat", Side.BROKER))
