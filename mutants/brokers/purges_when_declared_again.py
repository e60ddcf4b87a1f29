"""A broker that purges a queue whenever it is declared.

Breaks B01, B17.
"""

from pamqp.commands import Queue

from workqueue_spec.wiretap import Side, Tap, marshal, only


@only("Queue.Declare", sender=Side.CLIENT)
def declare_and_purge(connection, sender, frame):
    purge = Queue.Purge(queue=frame.decode().queue, nowait=True)
    return [frame.raw, marshal(purge, frame.channel)]


def lies(tap: Tap) -> None:
    tap.rewrite(declare_and_purge)
