"""A broker that delivers all messages to the first of its consumers.

Breaks B11.
"""

import itertools

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only

numbers = itertools.count()


@only("Basic.Consume", sender=Side.CLIENT)
def lower_priority(connection, sender, frame):
    return changed(frame, arguments={"x-priority": -next(numbers)})


def lies(tap: Tap) -> None:
    tap.rewrite(lower_priority)
