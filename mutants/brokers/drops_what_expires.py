"""A broker that drops a message that expires, whether or not it is to be dead-lettered.

Breaks B46.
"""

from mutants.broker_lies import whole
from workqueue_spec.wiretap import Side, Tap


def drop(connection, message):
    deaths = (message[1].decode().properties.headers or {}).get("x-death", ())
    return [] if any(death["reason"] == "expired" for death in deaths) else None


def lies(tap: Tap) -> None:
    tap.rewrite(whole("Basic.Deliver", Side.BROKER, drop))
