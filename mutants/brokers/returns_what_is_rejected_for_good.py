"""A broker that gives out a message again which was rejected for good.

Breaks B24.
"""

from mutants.broker_lies import changes
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    for settlement in ("Basic.Nack", "Basic.Reject"):
        tap.rewrite(changes(settlement, Side.CLIENT, requeue=True))
