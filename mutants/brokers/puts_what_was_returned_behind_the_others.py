"""A broker that delivers a requeued message 0.1 s late, after the others.

Breaks B20.
"""

from mutants.broker_lies import delayed, whole
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    def delay_redelivery(connection, message):
        return delayed(tap, 0.1, connection, message) if message[0].decode().redelivered else None

    tap.rewrite(whole("Basic.Deliver", Side.BROKER, delay_redelivery))
