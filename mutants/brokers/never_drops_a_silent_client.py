"""A broker that agrees on a heartbeat and does not check that the client sends any.

Breaks B42.
"""

from mutants.broker_lies import changes
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(changes("Connection.TuneOk", Side.CLIENT, heartbeat=0))
