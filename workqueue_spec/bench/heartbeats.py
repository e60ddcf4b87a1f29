"""A short heartbeat, so that a test of heartbeats takes seconds. It does not apply to a worker's start."""

import asyncio
from collections.abc import Sequence

from pamqp.heartbeat import Heartbeat

from ..wiretap import Connection, Frame, Side, Tap, marshal, only, with_heartbeat


class ShortHeartbeat:
    """The broker proposes a heartbeat of some seconds. Until the worker has come up, the tap sends the worker's
    heartbeats to the broker, if the worker does not.

    A program may load and compute for seconds between its login and its first task. That is short compared with the
    usual heartbeat of a minute, but the broker would close a connection that has a heartbeat of one second. The
    worker has come up when it has settled its first task. From then on the tap no longer helps a connection that
    has asked for tasks.
    """

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._has_settled = False
        self._asking: set[int] = set()
        """The connections that have asked for tasks."""

    def __call__(self, tap: Tap) -> None:
        """Installs it on a tap."""
        tap.rewrite(with_heartbeat(self._seconds))
        tap.rewrite(only("Connection.TuneOk", sender=Side.CLIENT, once=True)(self._begin))
        tap.rewrite(only("Basic.Consume", "Basic.Get", sender=Side.CLIENT)(self._asks))
        tap.rewrite(only("Basic.Ack", "Basic.Nack", "Basic.Reject", sender=Side.CLIENT)(self._settles))

    def _begin(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        self._help_later(connection)
        return None

    def _asks(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        self._asking.add(connection.number)
        return None

    def _settles(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        self._has_settled = True
        return None

    def _help_later(self, connection: Connection) -> None:
        asyncio.get_running_loop().call_later(self._seconds / 2, self._help, connection)

    def _help(self, connection: Connection) -> None:
        on_its_own = self._has_settled and connection.number in self._asking
        if connection.passes and not on_its_own:
            connection.send(Side.BROKER, marshal(Heartbeat(), 0))
            self._help_later(connection)
