"""A broker that blocks publishers in a memory alarm and does not tell them.

Breaks B43.
"""

from mutants.broker_lies import swallows
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(swallows("Connection.Blocked", Side.BROKER))
