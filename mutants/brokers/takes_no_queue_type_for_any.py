"""A broker that accepts a declaration without a queue type for an existing queue of any type.

Breaks B07.
"""

from mutants.broker_lies import changed, redeclarations
from workqueue_spec.wiretap import Tap


def fill_in_type(connection, frame, first):
    type_ = {name: value for name, value in first.decode().arguments.items() if name == "x-queue-type"}
    return changed(frame, arguments=type_ | frame.decode().arguments)


def lies(tap: Tap) -> None:
    tap.rewrite(redeclarations(fill_in_type))
