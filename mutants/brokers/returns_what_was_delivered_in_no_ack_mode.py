"""A broker that waits for the acknowledgement of what it delivers in no-ack mode too.

Breaks B21, B29.
"""

from mutants.broker_lies import changes
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(changes("Basic.Consume", Side.CLIENT, no_ack=False))
