"""A broker that creates a queue if a client only asks whether it exists.

Breaks B10.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Queue.Declare", sender=Side.CLIENT)
def create(connection, sender, frame):
    declare, known = frame.decode(), connection.state.setdefault("known", set())
    if declare.passive and declare.queue not in known:
        return changed(frame, passive=False, durable=True)
    known.add(declare.queue)
    return None


def lies(tap: Tap) -> None:
    tap.rewrite(create)
