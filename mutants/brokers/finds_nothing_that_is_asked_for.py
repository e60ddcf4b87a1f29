"""A broker that says to whoever asks for one message that there is none, and takes it as delivered.

Breaks B44.
"""

from pamqp import commands

from workqueue_spec.lying import whole
from workqueue_spec.wiretap import Side, Tap, marshal


def nothing(line, message):
    return [marshal(commands.Basic.GetEmpty(), message[0].channel)]


def lies(tap: Tap) -> None:
    tap.rewrite(whole("Basic.GetOk", Side.BROKER, nothing))
