"""A broker that answers each `basic.get` with `basic.get-empty`, and counts the message as delivered.

Breaks B44.
"""

from pamqp import commands

from mutants.broker_lies import whole
from workqueue_spec.wiretap import Side, Tap, marshal


def get_empty(connection, message):
    return [marshal(commands.Basic.GetEmpty(), message[0].channel)]


def lies(tap: Tap) -> None:
    tap.rewrite(whole("Basic.GetOk", Side.BROKER, get_empty))
