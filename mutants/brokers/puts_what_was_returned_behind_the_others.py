"""A broker that has what was given back wait until the others have been delivered.

Breaks B20.
"""

from workqueue_spec.lying import late, whole
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    def last(line, message):
        return late(tap, 0.1, line, message) if message[0].decode().redelivered else None

    tap.rewrite(whole("Basic.Deliver", Side.BROKER, last))
