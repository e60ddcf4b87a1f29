"""A broker that requeues what a consumer holds when its subscription is cancelled.

Breaks B20, B27.
"""

from pamqp.commands import Basic

from workqueue_spec.wiretap import Side, Tap, marshal, only


@only("Basic.Cancel", sender=Side.CLIENT)
def take_back(connection, sender, frame):
    return [frame.raw, marshal(Basic.Nack(0, multiple=True, requeue=True), frame.channel)]


def lies(tap: Tap) -> None:
    tap.rewrite(take_back)
