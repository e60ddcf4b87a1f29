"""A broker that blocks publishers during a memory alarm and does not tell them.

Breaks B43.
"""

from mutants.broker_lies import drops
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(drops("Connection.Blocked", Side.BROKER))
