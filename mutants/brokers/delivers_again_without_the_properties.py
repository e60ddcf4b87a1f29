"""A broker that redelivers a message without one of its properties, the delivery mode.

Breaks B19, B31.
"""

from mutants.broker_lies import raw, whole, with_properties
from workqueue_spec.wiretap import Side, Tap


def without_delivery_mode(connection, message):
    method, content, *bodies = message
    if not method.decode().redelivered:
        return None
    return [method.raw, *with_properties(content, delivery_mode=None), *raw(bodies)]


def lies(tap: Tap) -> None:
    tap.rewrite(whole("Basic.Deliver", Side.BROKER, without_delivery_mode))
