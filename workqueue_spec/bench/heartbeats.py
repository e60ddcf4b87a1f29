"""A short heartbeat, so that a test of heartbeats takes seconds. A worker's start is excepted."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from pamqp.heartbeat import Heartbeat

from ..wiretap import Connection, Frame, Side, Tap, marshal, only, with_heartbeat

ALL = 4
"""So many of the broker's first heartbeats on a connection are forwarded: a worker that starts quickly gets all.
RabbitMQ sends two in each interval."""
ONE_OF = 3
"""Later, while the worker still starts, one of so many is forwarded. That is one in one and a half intervals; a
client may take the broker for gone after two intervals without any."""


class ShortHeartbeat:
    """The broker proposes a heartbeat of some seconds. As long as the worker starts, its connections are kept open
    as with the usual heartbeat of a minute.

    Two things would keep some correct workers from starting with a heartbeat of one second. A worker that computes
    for seconds between its login and its first task sends no heartbeats meanwhile, and the broker would close the
    connection: so the tap sends heartbeats to the broker on the worker's behalf. And Celery waits until nothing has
    come for one second, while the broker sends a heartbeat every half second: so after a while the tap forwards
    fewer of them.

    The worker has started when it has settled its first task. Then a connection that has asked for tasks is on its
    own.
    """

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._has_settled = False
        self._asking: set[int] = set()
        """The connections that have asked for tasks."""
        self._from_the_broker: Counter[int] = Counter()
        """The broker's heartbeats on each connection while the worker starts."""

    def __call__(self, tap: Tap) -> None:
        """Installs it on a tap."""
        tap.rewrite(with_heartbeat(self._seconds))
        tap.rewrite(only("Connection.TuneOk", sender=Side.CLIENT, once=True)(self._begin))
        tap.rewrite(only("Basic.Consume", "Basic.Get", sender=Side.CLIENT)(self._asks))
        tap.rewrite(only("Basic.Ack", "Basic.Nack", "Basic.Reject", sender=Side.CLIENT)(self._settles))
        tap.rewrite(only("Heartbeat", sender=Side.BROKER)(self._thin_out))

    def _begin(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        self._help_later(connection)
        return None

    def _asks(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        self._asking.add(connection.number)
        return None

    def _settles(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        self._has_settled = True
        return None

    def _thin_out(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        if not self._starts(connection):
            return None
        self._from_the_broker[connection.number] += 1
        number = self._from_the_broker[connection.number]
        return None if number <= ALL or number % ONE_OF == 0 else []

    def _starts(self, connection: Connection) -> bool:
        return not (self._has_settled and connection.number in self._asking)

    def _help_later(self, connection: Connection) -> None:
        asyncio.get_running_loop().call_later(self._seconds / 2, self._help, connection)

    def _help(self, connection: Connection) -> None:
        if connection.passes and self._starts(connection):
            connection.send(Side.BROKER, marshal(Heartbeat(), 0))
            self._help_later(connection)
