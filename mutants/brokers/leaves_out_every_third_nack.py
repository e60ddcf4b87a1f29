"""A broker that leaves out every third nack, so that the publisher gets no reply to that message.

Breaks B34.
"""

from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Nack", sender=Side.BROKER)
def drop_every_third(connection, sender, frame):
    connection.state["nacks"] = number = connection.state.get("nacks", 0) + 1
    return None if number % 3 else []


def lies(tap: Tap) -> None:
    tap.rewrite(drop_every_third)
