"""A broker that agrees on a heartbeat and does not mind when none comes.

Breaks B42.
"""

from mutants.broker_lies import changes
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(changes("Connection.TuneOk", Side.CLIENT, heartbeat=0))
