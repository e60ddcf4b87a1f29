"""A broker to which 60000 in 32 bits is another value than 60000 in 64.

Breaks B05.
"""

from mutants.broker_lies import redeclarations, refusing
from workqueue_spec.wiretap import Tap


def lies(tap: Tap) -> None:
    refuse = refusing(tap)

    def strictly(connection, frame, first):
        if dict(frame.decode()) == dict(first.decode()) and frame.raw != first.raw:
            return refuse(connection, frame, 406, "PRECONDITION_FAILED - inequivalent arg")
        return None

    tap.rewrite(redeclarations(strictly))
