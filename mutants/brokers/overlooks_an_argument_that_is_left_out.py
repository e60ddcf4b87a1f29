"""A broker that ignores it if a queue is declared again without one of its arguments.

Breaks B04, B07.
"""

from mutants.broker_lies import changed, redeclarations
from workqueue_spec.wiretap import Tap


def fill_in(connection, frame, first):
    return changed(frame, arguments={**first.decode().arguments, **frame.decode().arguments})


def lies(tap: Tap) -> None:
    tap.rewrite(redeclarations(fill_in))
