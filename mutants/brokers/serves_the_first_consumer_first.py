"""A broker that gives the first of its consumers all there is.

Breaks B11.
"""

import itertools

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only

come = itertools.count()


@only("Basic.Consume", sender=Side.CLIENT)
def behind_the_others(connection, sender, frame):
    return changed(frame, arguments={"x-priority": -next(come)})


def lies(tap: Tap) -> None:
    tap.rewrite(behind_the_others)
