"""A broker that delivers messages of more than 100 kB 0.05 s late, so that smaller messages overtake them.

Breaks B16.
"""

from mutants.broker_lies import delayed, whole
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    def large_last(connection, message):
        size = message[1].decode().body_size
        return delayed(tap, 0.05, connection, message) if size > 100_000 else None

    tap.rewrite(whole("Basic.Deliver", Side.BROKER, large_last))
