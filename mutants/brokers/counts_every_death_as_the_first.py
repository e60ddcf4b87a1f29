"""A broker that says of a dead letter that it has died once in each queue, however often it has.

Breaks B47.
"""

from mutants.broker_lies import with_properties
from workqueue_spec.wiretap import Side, Tap, only


@only("ContentHeader", sender=Side.BROKER)
def once(connection, sender, frame):
    headers = frame.decode().properties.headers or {}
    if "x-death" not in headers:
        return None
    deaths = [{**death, "count": 1} for death in headers["x-death"]]
    return with_properties(frame, headers={**headers, "x-death": deaths})


def lies(tap: Tap) -> None:
    tap.rewrite(once)
