"""A broker that drops an unroutable message and does not confirm it.

Breaks B34, B37.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Publish", sender=Side.CLIENT)
def make_mandatory(connection, sender, frame):
    if frame.decode().mandatory:
        return None
    connection.state["not mandatory"] = True
    return changed(frame, mandatory=True)


@only("Basic.Return", "Basic.Ack", sender=Side.BROKER)
def drop_reply(connection, sender, frame):
    if frame.name == "Basic.Return" and connection.state.pop("not mandatory", False):
        connection.state["unroutable"] = frame.channel
        return []
    return [] if frame.name == "Basic.Ack" and connection.state.pop("unroutable", 0) else None


def lies(tap: Tap) -> None:
    tap.rewrite(make_mandatory)
    tap.rewrite(drop_reply)
