"""A broker that publishes to the default exchange what is meant for one that is not there.

Breaks B39.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only

declared = set()


@only("Exchange.Declare", sender=Side.CLIENT)
def note(connection, sender, frame):
    declared.add(frame.decode().exchange)


@only("Basic.Publish", sender=Side.CLIENT)
def default(connection, sender, frame):
    exchange = frame.decode().exchange
    there = exchange in declared or exchange.startswith("amq.")
    return None if there else changed(frame, exchange="")


def lies(tap: Tap) -> None:
    tap.rewrite(note)
    tap.rewrite(default)
