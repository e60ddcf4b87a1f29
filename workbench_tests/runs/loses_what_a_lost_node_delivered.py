"""A broker that loses what a consumer held when its node went away.

Once a program has moved to another node, it takes each redelivery for done and delivers it to nobody. A broker of one
node loses nothing.
"""

from pamqp.commands import Basic

from workqueue_spec.wiretap import Side, Tap, marshal, only

_nodes: dict[Tap, str] = {}
_lost: list[bool] = []


def lies(tap: Tap) -> None:
    @only("Connection.OpenOk", sender=Side.BROKER)
    def note_the_node(connection, sender, frame):
        if _nodes.setdefault(tap, connection.broker_address) != connection.broker_address:
            _lost.append(True)

    @only("Basic.Deliver", sender=Side.BROKER)
    def lose(connection, sender, frame):
        delivered = frame.decode()
        if not delivered.redelivered or not _lost:
            return None
        connection.send(Side.BROKER, marshal(Basic.Ack(delivered.delivery_tag), frame.channel))
        return []

    tap.rewrite(note_the_node)
    tap.rewrite(lose)
