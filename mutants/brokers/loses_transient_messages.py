"""A broker that loses transient messages over a graceful restart, on queues of any type.

Breaks B32 (quorum).
"""

from mutants.broker_lies import noticing_restarts, whole
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    restarted = noticing_restarts(tap)

    def lose(connection, message):
        transient = message[1].decode().properties.delivery_mode == 1
        return [] if transient and restarted(connection) else None

    tap.rewrite(whole("Basic.Deliver", Side.BROKER, lose))
