"""A broker that gives a consumer without a prefetch limit a thousand messages and no more.

Breaks B15.
"""

from pamqp.commands import Basic

from workqueue_spec.wiretap import Side, Tap, marshal, only


@only("Basic.Qos", sender=Side.CLIENT)
def note_limit(connection, sender, frame):
    connection.state["has a limit"] = True


@only("Basic.Consume", sender=Side.CLIENT)
def set_limit(connection, sender, frame):
    if connection.state.get("has a limit"):
        return None
    return [marshal(Basic.Qos(prefetch_count=1000), frame.channel), frame.raw]


@only("Basic.QosOk", sender=Side.BROKER)
def hide_qos_ok(connection, sender, frame):
    return None if connection.state.get("has a limit") else []


def lies(tap: Tap) -> None:
    for rule in (note_limit, set_limit, hide_qos_ok):
        tap.rewrite(rule)
