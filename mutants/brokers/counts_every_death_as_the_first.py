"""A broker that counts one death in each queue in the x-death header, however often the message has died there.

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
