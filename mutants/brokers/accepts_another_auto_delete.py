"""A broker that does not compare auto-delete when a queue is declared again.

Breaks B02.
"""

from mutants.broker_lies import changed, redeclarations
from workqueue_spec.wiretap import Tap


def lies(tap: Tap) -> None:
    tap.rewrite(
        redeclarations(
            lambda connection, frame, first: changed(frame, auto_delete=first.decode().auto_delete)
        )
    )
