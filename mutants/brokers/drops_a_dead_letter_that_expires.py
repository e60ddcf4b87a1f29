"""A broker that drops a dead letter if it expires on the queue that it was dead-lettered to.

Breaks B46.
"""

from mutants.broker_lies import whole
from workqueue_spec.wiretap import Side, Tap


def drop(connection, message):
    deaths = (message[1].decode().properties.headers or {}).get("x-death", ())
    return [] if len(deaths) > 1 and deaths[0]["reason"] == "expired" else None


def lies(tap: Tap) -> None:
    tap.rewrite(whole("Basic.Deliver", Side.BROKER, drop))
