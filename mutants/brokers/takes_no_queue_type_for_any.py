"""A broker to which a queue type that is left out is equal to every type.

Breaks B07.
"""

from mutants.broker_lies import changed, redeclarations
from workqueue_spec.wiretap import Tap


def of_its_type(connection, frame, first):
    type_ = {name: value for name, value in first.decode().arguments.items() if name == "x-queue-type"}
    return changed(frame, arguments=type_ | frame.decode().arguments)


def lies(tap: Tap) -> None:
    tap.rewrite(redeclarations(of_its_type))
