"""A broker that leaves a publisher without an answer to every third message that it does not take.

Breaks B34.
"""

from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Nack", sender=Side.BROKER)
def but_the_third(connection, sender, frame):
    connection.state["nacks"] = number = connection.state.get("nacks", 0) + 1
    return None if number % 3 else []


def lies(tap: Tap) -> None:
    tap.rewrite(but_the_third)
