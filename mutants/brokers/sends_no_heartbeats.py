"""A broker that agrees on a heartbeat and sends none.

Breaks B42.
"""

from workqueue_spec.lying import swallows
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(swallows("Heartbeat", Side.BROKER))
