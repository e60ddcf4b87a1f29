"""A broker that treats 60000 in 32 bits and 60000 in 64 bits as different values of an argument.

Breaks B05.
"""

from mutants.broker_lies import redeclarations, refusing
from workqueue_spec.wiretap import Tap


def lies(tap: Tap) -> None:
    refuse = refusing(tap)

    def compare_bytes(connection, frame, first):
        if dict(frame.decode()) == dict(first.decode()) and frame.raw != first.raw:
            return refuse(connection, frame, 406, "PRECONDITION_FAILED - inequivalent arg")
        return None

    tap.rewrite(redeclarations(compare_bytes))
