"""A broker that delivers nothing to consumers during a memory alarm.

Breaks B43.
"""

from workqueue_spec.wiretap import Side, Tap, only

taps = []
holds = []


@only("Connection.Blocked", sender=Side.BROKER)
def block(connection, sender, frame):
    holds.extend(tap.hold("Basic.Deliver", Side.BROKER) for tap in taps)


@only("Connection.Unblocked", sender=Side.BROKER)
def unblock(connection, sender, frame):
    while holds:
        holds.pop().release()


def lies(tap: Tap) -> None:
    taps.append(tap)
    tap.rewrite(block)
    tap.rewrite(unblock)
