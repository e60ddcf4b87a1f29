"""A broker that tells publishers of a memory alarm, and never that it is over.

Breaks B43.
"""

from mutants.broker_lies import swallows
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(swallows("Connection.Unblocked", Side.BROKER))
