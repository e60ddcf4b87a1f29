"""A broker that loses, over a graceful restart, the messages that a consumer holds.

Breaks B31.
"""

from mutants.broker_lies import noticing_restarts, whole
from workqueue_spec.wiretap import Side, Tap

_delivered = set()


def lies(tap: Tap) -> None:
    restarted = noticing_restarts(tap)

    def lose(connection, message):
        body = b"".join(each.payload for each in message[2:])
        if restarted(connection):
            return [] if body in _delivered else None
        _delivered.add(body)
        return None

    tap.rewrite(whole("Basic.Deliver", Side.BROKER, lose))
