"""A broker that gives messages of more than 100 kB late, so that small ones overtake them.

Breaks B16.
"""

from mutants.broker_lies import late, whole
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    def large_last(connection, message):
        size = message[1].decode().body_size
        return late(tap, 0.05, connection, message) if size > 100_000 else None

    tap.rewrite(whole("Basic.Deliver", Side.BROKER, large_last))
