"""A broker that has kept only the body of a message that it delivers again.

Breaks B19, B31.
"""

from mutants.broker_lies import raw, whole, with_properties
from workqueue_spec.wiretap import Side, Tap


def bare(connection, message):
    method, content, *bodies = message
    if not method.decode().redelivered:
        return None
    return [method.raw, *with_properties(content, delivery_mode=None), *raw(bodies)]


def lies(tap: Tap) -> None:
    tap.rewrite(whole("Basic.Deliver", Side.BROKER, bare))
