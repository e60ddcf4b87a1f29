"""A broker that drops a silent client after four times the agreed heartbeat.

Breaks B42.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Connection.TuneOk", sender=Side.CLIENT)
def lengthen_heartbeat(connection, sender, frame):
    return changed(frame, heartbeat=4 * frame.decode().heartbeat)


def lies(tap: Tap) -> None:
    tap.rewrite(lengthen_heartbeat)
