"""A broker that takes messages with an empty body and delivers none.

Breaks B41.
"""

from mutants.broker_lies import whole
from workqueue_spec.wiretap import Side, Tap


def never(connection, message):
    return [] if message[1].decode().body_size == 0 else None


def lies(tap: Tap) -> None:
    tap.rewrite(whole("Basic.Deliver", Side.BROKER, never))
