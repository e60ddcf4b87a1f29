"""Faults between a program and the broker, installed on the program's tap before the program starts.

"The confirm" is what the broker sends in either of the two ways that AMQP has: `basic.ack` for publisher confirms,
`tx.commit-ok` for transactions.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from pamqp import commands

from ..judgement.verdicts.framing import LEAST_FRAME_MAX, FrameSizes
from ..timeouts import LEAVES
from ..wiretap import REQUESTED_VIRTUAL_HOST, Connection, Frame, Hold, Rule, Side, Tap, marshal, only

CONFIRMS = ("Basic.Ack", "Tx.CommitOk")

FORCED_CLOSURE = 320, "CONNECTION_FORCED - broker forced connection closure"
"""The code and the text with which a broker closes every connection when it is stopped."""


class Fault:
    """A fault that acts on frames with these names, and notes when it did."""

    def __init__(self, names: Sequence[str], sender: Side, act: Rule, times: int | None = 1) -> None:
        """`act` is the rule for the first `times` frames with these names from this side; None means for all."""
        self.happened_at: list[float] = []
        """When the fault happened, in seconds of time.monotonic()."""
        self._names = names
        self._sender = sender
        self._act = act
        self._times = times

    def __call__(self, tap: Tap) -> None:
        """Installs the fault on a tap."""
        tap.rewrite(only(*self._names, sender=self._sender)(self._rule))

    def _rule(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        if len(self.happened_at) == self._times:
            return None
        self.happened_at.append(time.monotonic())
        return self._act(connection, sender, frame)


def cut_at_the_publish(*, reset: bool = False) -> Fault:
    """The first connection ends while the task is on its way to the broker, which never gets it."""
    return Fault(["Basic.Publish"], Side.CLIENT, _cutting(reset))


def cut_at_the_confirm(*, reset: bool = False, times: int = 1) -> Fault:
    """The first `times` connections end while the confirm is on its way: the broker has the task, and the program
    is not told.
    """
    return Fault(CONFIRMS, Side.BROKER, _cutting(reset), times)


def silent_at_the_confirm(seconds: float) -> Fault:
    """The first confirm never arrives: the broker has the task, and the program is not told. The connection is lost
    `seconds` later.
    """

    def act(connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes]:
        asyncio.get_running_loop().call_later(seconds, connection.cut)
        return []

    return Fault(CONFIRMS, Side.BROKER, act)


def connections_reset() -> Fault:
    """Every connection is reset at its protocol header, as by a proxy with no broker behind it."""
    return Fault(["ProtocolHeader"], Side.CLIENT, _cutting(reset=True), times=None)


def connections_reset_late() -> Fault:
    """Every connection is reset after the login, when it opens the virtual host, as by a broker that is starting or
    stopping.
    """
    return Fault(["Connection.Open"], Side.CLIENT, _cutting(reset=True), times=None)


def connections_never_answered() -> Fault:
    """Every connection stays open and is never answered, as by a broker that hangs."""

    def act(connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes]:
        connection.swallow()
        return []

    return Fault(["ProtocolHeader"], Side.CLIENT, act, times=None)


def queue_is_deleted(queue: str) -> Fault:
    """The queue is deleted right before the first task, so the broker has no queue to route the task to.

    The deletion is sent on the task's own channel, so the broker has done it when it looks at the task.
    """

    def act(connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes]:
        deletion = commands.Queue.Delete(queue=queue, if_unused=False, if_empty=False, nowait=True)
        return [marshal(deletion, frame.channel), frame.raw]

    return Fault(["Basic.Publish"], Side.CLIENT, act)


class ClosedByTheBroker(Fault):
    """Instead of the first frame with one of these names, the broker closes the connection with this code."""

    def __init__(self, names: Sequence[str], code: int, text: str, times: int | None = 1) -> None:
        """Replaces the first `times` frames with these names; None means all of them."""
        super().__init__(names, Side.BROKER, self._close, times)
        self._closing = commands.Connection.Close(code, text, 0, 0)

    def __call__(self, tap: Tap) -> None:
        """Installs the fault on a tap."""
        tap.rewrite(only("Connection.CloseOk", sender=Side.CLIENT)(self._cut_at_the_close_ok))
        super().__call__(tap)

    def _close(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes]:
        return [marshal(self._closing, 0)]

    def _cut_at_the_close_ok(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes]:
        """Keeps the close-ok from the broker: the broker did not close, and would take it for an error."""
        connection.cut()
        return []


class StoppedLater:
    """When `stop` is called, the broker closes every connection, as when it is stopped."""

    def __init__(self) -> None:
        self._connections: list[Connection] = []
        self._closed: set[int] = set()

    def __call__(self, tap: Tap) -> None:
        """Installs the fault on a tap."""
        self._tap = tap
        tap.rewrite(only("Connection.OpenOk", sender=Side.BROKER)(self._note))
        tap.rewrite(only("Connection.CloseOk", sender=Side.CLIENT)(self._cut_at_the_close_ok))

    def stop(self) -> None:
        """Closes the connections that are open now. Connections that are made later are left alone."""
        self._tap.loop.call_soon_threadsafe(self._close)

    def _note(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        self._connections.append(connection)
        return None

    def _close(self) -> None:
        closing = commands.Connection.Close(*FORCED_CLOSURE, 0, 0)
        for connection in self._connections:
            self._closed.add(connection.number)
            connection.send(Side.CLIENT, marshal(closing, 0))
            # A broker that is stopped ends the connection even if the client does not answer.
            self._tap.loop.call_later(LEAVES, connection.cut)

    def _cut_at_the_close_ok(
        self, connection: Connection, sender: Side, frame: Frame
    ) -> Sequence[bytes] | None:
        """Keeps the close-ok from the broker: the broker did not close, and would take it for an error."""
        if connection.number not in self._closed:
            return None
        connection.cut()
        return []


def stopped_at_the_confirm() -> Fault:
    """Instead of the first confirm the broker closes the connection, as when it is stopped. It has the task."""
    return ClosedByTheBroker(CONFIRMS, *FORCED_CLOSURE)


def unable_to_declare() -> Fault:
    """Whenever a queue is declared, the broker closes the connection with an internal error."""
    return ClosedByTheBroker(["Queue.DeclareOk"], 541, "INTERNAL_ERROR", times=None)


class RefusedByTheQueue(Fault):
    """The first confirms become refusals: `basic.nack`, or for a transaction the error with which RabbitMQ closes
    the channel if a queue did not take a part of the transaction.
    """

    _CLOSING = "channels that the tap has closed, and which sides have yet to agree"

    def __init__(self, times: int | None = 1) -> None:
        """Turns the first `times` confirms into refusals; None means all of them."""
        super().__init__(CONFIRMS, Side.BROKER, self._refuse, times)

    def __call__(self, tap: Tap) -> None:
        """Installs the fault on a tap."""
        tap.rewrite(self._drop_the_rest_of_a_closed_channel)
        super().__call__(tap)

    def _refuse(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        confirm = frame.decode()
        if isinstance(confirm, commands.Basic.Ack):
            nack = commands.Basic.Nack(confirm.delivery_tag, confirm.multiple, requeue=False)
            return [marshal(nack, frame.channel)]
        reason = "PRECONDITION_FAILED - partial tx completion"
        connection.state.setdefault(self._CLOSING, {})[frame.channel] = set(Side)
        connection.send(Side.CLIENT, marshal(commands.Channel.Close(406, reason, 90, 20), frame.channel))
        connection.send(Side.BROKER, marshal(commands.Channel.Close(200, "", 0, 0), frame.channel))
        return []

    def _drop_the_rest_of_a_closed_channel(
        self, connection: Connection, sender: Side, frame: Frame
    ) -> Sequence[bytes] | None:
        """Keeps back what a side sends on a channel that it believes the other side to have closed."""
        due: dict[int, set[Any]] = connection.state.get(self._CLOSING, {})
        if sender not in due.get(frame.channel, ()):
            return None
        if frame.name == "Channel.CloseOk":
            due[frame.channel].discard(sender)
        return []


class ResetsUntilStopped:
    """Every connection is accepted and then reset, until `stop` is called."""

    def __init__(self) -> None:
        self._resetting = True

    def __call__(self, tap: Tap) -> None:
        """Installs the fault on a tap."""
        tap.rewrite(only("ProtocolHeader", sender=Side.CLIENT, once=True)(self._rule))

    def _rule(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        if not self._resetting:
            return None
        connection.cut(reset=True)
        return []

    def stop(self) -> None:
        """Leaves connections alone that are made from now on."""
        self._resetting = False


class HeldTask(Fault):
    """The task is held back, with all that the program sends after it, until `release` is called: the network is
    stuck.
    """

    def __init__(self) -> None:
        super().__init__(["Basic.Publish"], Side.CLIENT, lambda *_: None)

    def __call__(self, tap: Tap) -> None:
        """Installs the fault on a tap."""
        super().__call__(tap)
        self._hold = tap.hold("Basic.Publish", Side.CLIENT, and_after=True)

    def release(self) -> None:
        """Lets the task through, and what was sent after it."""
        self._hold.release()


class HeldConfirms:
    """The broker's confirms, but for the first ones, are held back until `release` is called."""

    def __init__(self, *, but_first: int = 0) -> None:
        self._holds: list[Hold] = []
        self._passing = but_first

    def __call__(self, tap: Tap) -> None:
        """Installs the fault on a tap."""
        self._holds += [tap.hold(name, Side.BROKER, chance=self._is_held) for name in CONFIRMS]

    def release(self) -> None:
        """Lets the held confirms through, and all later ones."""
        for hold in self._holds:
            hold.release()

    def _is_held(self) -> bool:
        self._passing -= 1
        return self._passing < 0


def slow_line(seconds: float) -> Callable[[Tap], None]:
    """All that the program sends reaches the broker `seconds` late."""
    return lambda tap: tap.delay(seconds, Side.CLIENT)


class SmallFrames:
    """The broker offers a frame_max of LEAST_FRAME_MAX, as it may be configured to, or its own if that is smaller.
    The sizes of the program's frames are noted.
    """

    def __init__(self) -> None:
        self._sizes: dict[int, FrameSizes] = {}

    def __call__(self, tap: Tap) -> None:
        """Installs the fault on a tap."""
        tap.rewrite(only("Connection.Tune", sender=Side.BROKER, once=True)(self._offer))
        tap.rewrite(self._note)

    @property
    def sizes(self) -> Sequence[FrameSizes]:
        """Of each connection on which the broker has offered a frame_max."""
        return list(self._sizes.values())

    def _offer(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        tune = frame.decode()
        if not isinstance(tune, commands.Connection.Tune):
            return None
        offered = min(LEAST_FRAME_MAX, tune.frame_max or LEAST_FRAME_MAX)
        self._sizes[connection.number] = FrameSizes(offered)
        return [marshal(commands.Connection.Tune(tune.channel_max, offered, tune.heartbeat), frame.channel)]

    def _note(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        sizes = self._sizes.get(connection.number)
        if sender is Side.BROKER or sizes is None:
            return None
        if sizes.agreed is not None:
            sizes.largest = max(sizes.largest, len(frame.raw))
        elif isinstance(answer := frame.decode(), commands.Connection.TuneOk):
            sizes.agreed = answer.frame_max
        return None


class Credentials(Fault):
    """The broker gets this user and password instead of the program's own: it lets every program in, or none."""

    def __init__(self, user: str, password: str) -> None:
        """The login is replaced on every connection."""
        super().__init__(["Connection.StartOk"], Side.CLIENT, self._swap, times=None)
        self._response = f"\0{user}\0{password}"
        self.given = ""
        """The credentials that the program gave last."""

    def _swap(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        greeting = frame.decode()
        if not isinstance(greeting, commands.Connection.StartOk):
            return None
        given: Any = greeting.response  # bytes, if they are not valid UTF-8
        self.given = given if isinstance(given, str) else given.decode(errors="replace")
        properties, locale = greeting.client_properties, greeting.locale
        return [
            marshal(commands.Connection.StartOk(properties, "PLAIN", self._response, locale), frame.channel)
        ]


class Login(Credentials):
    """The broker lets every program in. What the program gave is noted: credentials and virtual host."""

    virtual_host = ""
    """The virtual host that the program asked for last."""

    def __call__(self, tap: Tap) -> None:
        """Installs the fault on a tap."""
        super().__call__(tap)
        tap.rewrite(only("Connection.Open", sender=Side.CLIENT)(self._note_virtual_host))

    def _note_virtual_host(
        self, connection: Connection, sender: Side, frame: Frame
    ) -> Sequence[bytes] | None:
        self.virtual_host = connection.state.get(REQUESTED_VIRTUAL_HOST, "")
        return None


def _cutting(reset: bool) -> Rule:
    def act(connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes]:
        connection.cut(reset=reset)
        return []

    return act
