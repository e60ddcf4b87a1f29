"""A broker that drops all headers of a message except those that start with `x-`, its own.

Breaks B36, B41.
"""

from mutants.broker_lies import with_properties
from workqueue_spec.wiretap import Side, Tap, only


@only("ContentHeader", sender=Side.BROKER)
def keep_own_headers(connection, sender, frame):
    headers = frame.decode().properties.headers or {}
    kept = {name: value for name, value in headers.items() if name.startswith("x-")}
    return with_properties(frame, headers=kept or None) if kept != headers else None


def lies(tap: Tap) -> None:
    tap.rewrite(keep_own_headers)
