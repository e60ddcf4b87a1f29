"""A broker that treats every consumer as one in no-ack mode.

Breaks B01, B12, B13, B14 (classic), B15 (quorum), B17, B18, B20, B21, B22, B23, B24, B27, B31, B32, B38, B42, B43,
B44.
"""

from mutants.broker_lies import changes, drops
from workqueue_spec.wiretap import Side, Tap


def lies(tap: Tap) -> None:
    tap.rewrite(changes("Basic.Consume", Side.CLIENT, no_ack=True))
    for settlement in ("Basic.Ack", "Basic.Nack", "Basic.Reject"):
        tap.rewrite(drops(settlement, Side.CLIENT))
