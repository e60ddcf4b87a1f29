"""A broker that gives `expired` as the reason of every dead letter.

Breaks B24.
"""

from mutants.broker_lies import with_properties
from workqueue_spec.wiretap import Side, Tap, only


@only("ContentHeader", sender=Side.BROKER)
def say_expired(connection, sender, frame):
    headers = frame.decode().properties.headers or {}
    if "x-death" not in headers:
        return None
    deaths = [{**death, "reason": "expired"} for death in headers["x-death"]]
    return with_properties(frame, headers={**headers, "x-death": deaths})


def lies(tap: Tap) -> None:
    tap.rewrite(say_expired)
