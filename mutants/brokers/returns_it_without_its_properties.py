"""A broker that returns an unroutable message without its properties.

Breaks B36.
"""

from pamqp import commands, header

from mutants.broker_lies import raw, whole
from workqueue_spec.wiretap import Side, Tap, marshal


def without_properties(connection, message):
    method, content, *bodies = message
    bare = header.ContentHeader(0, content.decode().body_size, commands.Basic.Properties())
    return [method.raw, marshal(bare, method.channel), *raw(bodies)]


def lies(tap: Tap) -> None:
    tap.rewrite(whole("Basic.Return", Side.BROKER, without_properties))
