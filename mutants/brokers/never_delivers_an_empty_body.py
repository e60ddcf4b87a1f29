"""A broker that accepts messages with an empty body and does not deliver them.

Breaks B41.
"""

from mutants.broker_lies import whole
from workqueue_spec.wiretap import Side, Tap


def drop_empty(connection, message):
    return [] if message[1].decode().body_size == 0 else None


def lies(tap: Tap) -> None:
    tap.rewrite(whole("Basic.Deliver", Side.BROKER, drop_empty))
