"""A broker that loses a property of its messages, the delivery mode, over a graceful restart.

Breaks B31.
"""

from mutants.broker_lies import noticing_restarts, with_properties
from workqueue_spec.wiretap import Side, Tap, only


def lies(tap: Tap) -> None:
    restarted = noticing_restarts(tap)

    @only("ContentHeader", sender=Side.BROKER)
    def without_properties(connection, sender, frame):
        return with_properties(frame, delivery_mode=None) if restarted(connection) else None

    tap.rewrite(without_properties)
