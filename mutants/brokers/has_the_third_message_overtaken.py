"""A broker that delivers the third message on a connection 0.05 s late, so that later messages overtake it.

Breaks B16.
"""

from mutants.broker_lies import delayed, whole
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    def third_last(connection, message):
        connection.state["delivered"] = number = connection.state.get("delivered", 0) + 1
        return delayed(tap, 0.05, connection, message) if number == 3 else None

    tap.rewrite(whole("Basic.Deliver", Side.BROKER, third_last))
