"""A broker that discards what is rejected for good, once it was restarted: nothing becomes a dead letter any more.

Breaks B49.
"""

from pamqp.commands import Basic

from mutants.broker_lies import noticing_restarts
from workqueue_spec.wiretap import Side, Tap, marshal, only


def lies(tap: Tap) -> None:
    restarted = noticing_restarts(tap)

    @only("Basic.Nack", "Basic.Reject", sender=Side.CLIENT)
    def acknowledge(connection, sender, frame):
        method = frame.decode()
        if method.requeue or not restarted(connection):
            return None
        multiple = getattr(method, "multiple", False)
        return [marshal(Basic.Ack(method.delivery_tag, multiple), frame.channel)]

    tap.rewrite(acknowledge)
