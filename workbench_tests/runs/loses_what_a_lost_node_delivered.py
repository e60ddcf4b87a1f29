"""A broker that loses what a consumer held when its node went away.

Once a program has moved to another node, each redelivery is taken for done and delivered to nobody. A broker of one
node loses nothing.
"""

from collections.abc import Sequence
from typing import Any

from pamqp.commands import Basic

from workqueue_spec.wiretap import Connection, Frame, Side, Tap, marshal, only

_nodes: dict[Tap, str] = {}
"""The first node of each program."""
_moved: set[Tap] = set()
"""The taps whose programs have moved."""


def lies(tap: Tap) -> None:
    @only("Connection.OpenOk", sender=Side.BROKER)
    def note_the_node(connection: Connection, sender: Side, frame: Frame) -> None:
        if _nodes.setdefault(tap, connection.broker_address) != connection.broker_address:
            _moved.add(tap)

    @only("Basic.Deliver", sender=Side.BROKER)
    def lose(connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        delivered: Any = frame.decode()
        if not delivered.redelivered or not _moved:
            return None
        connection.send(Side.BROKER, marshal(Basic.Ack(delivered.delivery_tag), frame.channel))
        return []

    tap.rewrite(note_the_node)
    tap.rewrite(lose)
