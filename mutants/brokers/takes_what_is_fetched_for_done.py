"""A broker that keeps nothing of a message that was asked for by `basic.get`: it counts as acknowledged.

Breaks B44.
"""

from mutants.broker_lies import changes
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(changes("Basic.Get", Side.CLIENT, no_ack=True))
