"""A broker that has what was given back wait until the others have been delivered.

Breaks B20.
"""

from mutants.broker_lies import late, whole
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    def last(connection, message):
        return late(tap, 0.1, connection, message) if message[0].decode().redelivered else None

    tap.rewrite(whole("Basic.Deliver", Side.BROKER, last))
