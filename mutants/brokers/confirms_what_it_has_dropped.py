"""A broker that drops every tenth message that is published to an exchange, and confirms them all.

Breaks B35.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Publish", sender=Side.CLIENT)
def drop_every_tenth(connection, sender, frame):
    if not frame.decode().exchange:
        return None
    connection.state["published"] = number = connection.state.get("published", 0) + 1
    return changed(frame, exchange="amq.direct", routing_key="nowhere") if number % 10 == 0 else None


def lies(tap: Tap) -> None:
    tap.rewrite(drop_every_tenth)
