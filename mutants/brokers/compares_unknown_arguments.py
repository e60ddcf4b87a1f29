"""A broker that compares arguments that have no meaning to it.

Breaks B06.
"""

from mutants.broker_lies import redeclarations, refusing
from workqueue_spec.wiretap import Tap

KNOWN = ("x-message-", "x-expires", "x-max-", "x-dead-", "x-queue-", "x-overflow", "x-delivery-")


def unknown(frame):
    arguments = frame.decode().arguments
    return {name: value for name, value in arguments.items() if not name.startswith(KNOWN)}


def lies(tap: Tap) -> None:
    refuse = refusing(tap)

    def compare_unknown(connection, frame, first):
        if unknown(frame) != unknown(first):
            return refuse(connection, frame, 406, "PRECONDITION_FAILED - inequivalent arg")
        return None

    tap.rewrite(redeclarations(compare_unknown))
