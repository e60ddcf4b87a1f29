"""A broker that returns the body alone of a message that goes nowhere.

Breaks B36.
"""

from pamqp.commands import Basic

from workqueue_spec.lying import raw, whole, with_properties
from workqueue_spec.wiretap import Side, Tap

NONE = dict.fromkeys(Basic.Properties.attributes()) | {"cluster_id": ""}
"""The last one is out of use: pamqp lets it be nothing but empty."""


def bare(line, message):
    method, content, *bodies = message
    return [method.raw, *with_properties(content, **NONE), *raw(bodies)]


def lies(tap: Tap) -> None:
    tap.rewrite(whole("Basic.Return", Side.BROKER, bare))
