"""A broker that compares only the arguments that it is given when a queue is declared again.

Breaks B04, B07.
"""

from mutants.broker_lies import changed, redeclarations
from workqueue_spec.wiretap import Tap


def filled_in(connection, frame, first):
    return changed(frame, arguments={**first.decode().arguments, **frame.decode().arguments})


def lies(tap: Tap) -> None:
    tap.rewrite(redeclarations(filled_in))
