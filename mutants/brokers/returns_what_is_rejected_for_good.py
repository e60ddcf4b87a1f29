"""A broker that requeues a message that was rejected without requeue.

Breaks B24.
"""

from mutants.broker_lies import changes
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    for settlement in ("Basic.Nack", "Basic.Reject"):
        tap.rewrite(changes(settlement, Side.CLIENT, requeue=True))
