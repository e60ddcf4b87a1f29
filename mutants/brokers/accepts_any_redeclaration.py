"""A broker that accepts each declaration of an existing queue, whatever its properties.

Breaks B02, B03, B04, B05, B07, B08.
"""

from mutants.broker_lies import changed, redeclarations
from workqueue_spec.wiretap import Tap


def lies(tap: Tap) -> None:
    tap.rewrite(redeclarations(lambda connection, frame, first: changed(frame, passive=True)))
