"""A broker that agrees on a heartbeat and sends none.

Breaks B42.
"""

from mutants.broker_lies import swallows
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(swallows("Heartbeat", Side.BROKER))
