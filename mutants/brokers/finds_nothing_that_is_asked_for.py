"""A broker that says to whoever asks for one message that there is none, and takes it as delivered.

Breaks B44.
"""

from pamqp import commands

from mutants.broker_lies import whole
from workqueue_spec.wiretap import Side, Tap, marshal


def nothing(connection, message):
    return [marshal(commands.Basic.GetEmpty(), message[0].channel)]


def lies(tap: Tap) -> None:
    tap.rewrite(whole("Basic.GetOk", Side.BROKER, nothing))
