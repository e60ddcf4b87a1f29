"""A broker that drops a message that is dead-lettered from the same queue a second time.

Breaks B47.
"""

from mutants.broker_lies import whole
from workqueue_spec.wiretap import Side, Tap


def drop(connection, message):
    deaths = (message[1].decode().properties.headers or {}).get("x-death", ())
    return [] if any(death["count"] > 1 for death in deaths) else None


def lies(tap: Tap) -> None:
    tap.rewrite(whole("Basic.Deliver", Side.BROKER, drop))
