"""A broker that drops every message that expires, even if the queue has a dead letter exchange.

Breaks B46.
"""

from mutants.broker_lies import whole
from workqueue_spec.wiretap import Side, Tap


def drop(connection, message):
    deaths = (message[1].decode().properties.headers or {}).get("x-death", ())
    return [] if any(death["reason"] == "expired" for death in deaths) else None


def lies(tap: Tap) -> None:
    tap.rewrite(whole("Basic.Deliver", Side.BROKER, drop))
