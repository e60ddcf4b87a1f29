"""A broker that refuses a transient queue, and closes the channel with 406.

Breaks B08.
"""

from mutants.broker_lies import refusing
from workqueue_spec.wiretap import Side, Tap, only

REFUSED = "PRECONDITION_FAILED - feature transient_nonexcl_queues is deprecated"


def lies(tap: Tap) -> None:
    refuse = refusing(tap)

    @only("Queue.Declare", sender=Side.CLIENT)
    def refuse_transient(connection, sender, frame):
        asked, known = frame.decode(), connection.state.setdefault("known", set())
        new = asked.queue not in known
        known.add(asked.queue)
        transient = not (asked.durable or asked.exclusive or asked.passive)
        if new and transient and asked.arguments.get("x-queue-type") != "quorum":
            return refuse(connection, frame, 406, REFUSED)
        return None

    tap.rewrite(refuse_transient)
