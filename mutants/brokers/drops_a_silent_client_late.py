"""A broker that waits for heartbeats four times as long as it was agreed.

Breaks B42.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Connection.TuneOk", sender=Side.CLIENT)
def longer(connection, sender, frame):
    return changed(frame, heartbeat=4 * frame.decode().heartbeat)


def lies(tap: Tap) -> None:
    tap.rewrite(longer)
