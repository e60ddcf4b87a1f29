"""A broker that publishes to the default exchange if the named exchange does not exist.

Breaks B39.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only

declared = set()


@only("Exchange.Declare", sender=Side.CLIENT)
def note_exchange(connection, sender, frame):
    declared.add(frame.decode().exchange)


@only("Basic.Publish", sender=Side.CLIENT)
def use_default(connection, sender, frame):
    exchange = frame.decode().exchange
    exists = exchange in declared or exchange.startswith("amq.")
    return None if exists else changed(frame, exchange="")


def lies(tap: Tap) -> None:
    tap.rewrite(note_exchange)
    tap.rewrite(use_default)
