"""A broker that confirms that a subscription is cancelled, and goes on to deliver to it.

Breaks B20, B27.
"""

from pamqp import commands

from workqueue_spec.wiretap import Side, Tap, marshal, only


@only("Basic.Cancel", sender=Side.CLIENT)
def confirm(connection, sender, frame):
    connection.send(Side.CLIENT, marshal(commands.Basic.CancelOk(frame.decode().consumer_tag), frame.channel))
    return []


def lies(tap: Tap) -> None:
    tap.rewrite(confirm)
