"""A broker that does not tell a consumer when its queue is deleted.

Breaks B28.
"""

from mutants.broker_lies import swallows
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(swallows("Basic.Cancel", Side.BROKER))
