"""A broker that does not compare `x-expires` when a queue is declared again.

Breaks B04, B05.
"""

from mutants.broker_lies import changed, redeclarations
from workqueue_spec.wiretap import Tap


def with_first_expiry(connection, frame, first):
    now = {name: value for name, value in frame.decode().arguments.items() if name != "x-expires"}
    was = {name: value for name, value in first.decode().arguments.items() if name == "x-expires"}
    return changed(frame, arguments=now | was)


def lies(tap: Tap) -> None:
    tap.rewrite(redeclarations(with_first_expiry))
