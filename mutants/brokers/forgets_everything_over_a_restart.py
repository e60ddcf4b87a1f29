"""A broker that keeps its queues over a graceful restart, but none of their messages.

Breaks B31, B32, B35.
"""

from pamqp.commands import Queue

from mutants.broker_lies import noticing_restarts
from workqueue_spec.wiretap import Side, Tap, marshal, only


def lies(tap: Tap) -> None:
    restarted = noticing_restarts(tap)

    @only("Basic.Consume", sender=Side.CLIENT)
    def purge_first(connection, sender, frame):
        if not restarted(connection):
            return None
        purge = Queue.Purge(queue=frame.decode().queue, nowait=True)
        return [marshal(purge, frame.channel), frame.raw]

    tap.rewrite(purge_first)
