"""A broker that waits for an acknowledgement even in no-ack mode.

Breaks B21, B29.
"""

from mutants.broker_lies import changes
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(changes("Basic.Consume", Side.CLIENT, no_ack=False))
