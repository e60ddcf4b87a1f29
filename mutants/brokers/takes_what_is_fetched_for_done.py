"""A broker that counts a message that was fetched by `basic.get` as acknowledged.

Breaks B44.
"""

from mutants.broker_lies import changes
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(changes("Basic.Get", Side.CLIENT, no_ack=True))
