"""Trouble between a program and the broker, to be laid on the program's tap before it starts.

What counts as the broker's confirm here is the same for both ways in which AMQP lets a program have one:
publisher confirms (`basic.ack`) and transactions (`tx.commit-ok`).
"""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from pamqp import commands

from ..timeouts import LEAVES
from ..wiretap import ASKED_FOR, Connection, Frame, Hold, Rule, Side, Tap, marshal, only

CONFIRMS = ("Basic.Ack", "Tx.CommitOk")

BEING_STOPPED = 320, "CONNECTION_FORCED - broker forced connection closure"
"""What a broker tells everybody when it is being stopped: a code, and what it means."""


class Fault:
    """One kind of trouble. It comes at the first frame of these names, so many times, and counts."""

    def __init__(self, names: Sequence[str], sender: Side, act: Rule, times: int | None = 1) -> None:
        self.came: list[float] = []
        """When it came, in seconds of time.monotonic()."""
        self._names = names
        self._sender = sender
        self._act = act
        self._times = times

    def __call__(self, tap: Tap) -> None:
        """Lays it on a tap."""
        tap.rewrite(only(*self._names, sender=self._sender)(self._rule))

    def _rule(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        if len(self.came) == self._times:
            return None
        self.came.append(time.monotonic())
        return self._act(connection, sender, frame)


def cut_at_the_publish(*, reset: bool = False) -> Fault:
    """The first connection ends with the task on its way: the broker never gets it."""
    return Fault(["Basic.Publish"], Side.CLIENT, _cutting(reset))


def cut_at_the_confirm(*, reset: bool = False, times: int = 1) -> Fault:
    """The first connections end with the confirm on its way: the broker has the task, and the program is not
    told.
    """
    return Fault(CONFIRMS, Side.BROKER, _cutting(reset), times)


def silent_at_the_confirm(seconds: float) -> Fault:
    """The first confirm never comes: the broker has the task and says nothing of it, and so many seconds later
    the connection is lost.
    """

    def act(connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes]:
        asyncio.get_running_loop().call_later(seconds, connection.cut)
        return []

    return Fault(CONFIRMS, Side.BROKER, act)


def nobody_answers() -> Fault:
    """Whoever connects is reset at the first word, as by a proxy with no broker behind it."""
    return Fault(["ProtocolHeader"], Side.CLIENT, _cutting(reset=True), times=None)


def nobody_stays() -> Fault:
    """Whoever connects is welcome, and is reset at the door of the virtual host, as by a broker on its way up or
    down.
    """
    return Fault(["Connection.Open"], Side.CLIENT, _cutting(reset=True), times=None)


def nobody_says_a_word() -> Fault:
    """Whoever connects is never answered, as by a broker that hangs: the connection stays open."""

    def act(connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes]:
        connection.swallow()
        return []

    return Fault(["ProtocolHeader"], Side.CLIENT, act, times=None)


def queue_is_deleted(queue: str) -> Fault:
    """The queue is deleted right before the first task comes, so that no queue is there for it.

    The broker does it on the very channel that the task comes on, so it is done when the task is looked at.
    """

    def act(connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes]:
        deletion = commands.Queue.Delete(queue=queue, if_unused=False, if_empty=False, nowait=True)
        return [marshal(deletion, frame.channel), frame.raw]

    return Fault(["Basic.Publish"], Side.CLIENT, act)


class ClosedByTheBroker(Fault):
    """In the place of the first of these frames, or of each, the broker closes the connection with this code."""

    def __init__(self, names: Sequence[str], code: int, text: str, times: int | None = 1) -> None:
        super().__init__(names, Side.BROKER, self._close, times)
        self._closing = commands.Connection.Close(code, text, 0, 0)

    def __call__(self, tap: Tap) -> None:
        tap.rewrite(only("Connection.CloseOk", sender=Side.CLIENT)(self._part))
        super().__call__(tap)

    def _close(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes]:
        return [marshal(self._closing, 0)]

    def _part(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes]:
        """The broker knows nothing of it, and would take the answer for an error."""
        connection.cut()
        return []


class StoppedLater:
    """When it is told to, the broker says that it is being stopped, and closes every connection."""

    def __init__(self) -> None:
        self._connections: list[Connection] = []
        self._closed: set[int] = set()

    def __call__(self, tap: Tap) -> None:
        """Lays it on a tap."""
        self._tap = tap
        tap.rewrite(only("Connection.OpenOk", sender=Side.BROKER)(self._note))
        tap.rewrite(only("Connection.CloseOk", sender=Side.CLIENT)(self._part))

    def stop(self) -> None:
        """Closes those that are open now. Connections that are made later are left alone."""
        self._tap.loop.call_soon_threadsafe(self._close)

    def _note(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        self._connections.append(connection)
        return None

    def _close(self) -> None:
        closing = commands.Connection.Close(*BEING_STOPPED, 0, 0)
        for connection in self._connections:
            if not connection.over:
                self._closed.add(connection.number)
                connection.send(Side.CLIENT, marshal(closing, 0))
                self._tap.loop.call_later(LEAVES, connection.cut)  # whether it is answered or not

    def _part(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        """The broker itself has closed nothing, and would take this for an error."""
        if connection.number not in self._closed:
            return None
        connection.cut()
        return []


def stopped_at_the_confirm() -> Fault:
    """In the place of the first confirm the broker says that it is being stopped: politely, and with the task."""
    return ClosedByTheBroker(CONFIRMS, *BEING_STOPPED)


def unable_to_declare() -> Fault:
    """The broker has an error of its own whenever a queue is declared."""
    return ClosedByTheBroker(["Queue.DeclareOk"], 541, "INTERNAL_ERROR", times=None)


class RefusedByTheQueue(Fault):
    """The first confirms are turned into their opposite: `basic.nack`, or for a transaction the error with which
    RabbitMQ closes the channel when a queue did not take a part of it.
    """

    _CLOSING = "channels that the tap has closed, and which sides have yet to agree"

    def __init__(self, times: int | None = 1) -> None:
        """`times` is None for all of them."""
        super().__init__(CONFIRMS, Side.BROKER, self._refuse, times)

    def __call__(self, tap: Tap) -> None:
        tap.rewrite(self._keep_apart)
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

    def _keep_apart(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        """Of a channel that each side believes the other to have closed, neither hears more of the other."""
        due: dict[int, set[Any]] = connection.state.get(self._CLOSING, {})
        if sender not in due.get(frame.channel, ()):
            return None
        if frame.name == "Channel.CloseOk":
            due[frame.channel].discard(sender)
        return []


class Door:
    """Before the broker. While it is shut, as at first, whoever connects is let in and thrown out again."""

    def __init__(self) -> None:
        self._shut = True

    def __call__(self, tap: Tap) -> None:
        """Lays it on a tap."""
        tap.rewrite(only("ProtocolHeader", sender=Side.CLIENT, once=True)(self._rule))

    def _rule(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        if not self._shut:
            return None
        connection.cut(reset=True)
        return []

    def open(self) -> None:
        """Lets everybody in who comes from now on."""
        self._shut = False


class HeldTask(Fault):
    """The task is held back with all that the program sends after it, as on a line that stands still, until it is
    released.
    """

    def __init__(self) -> None:
        super().__init__(["Basic.Publish"], Side.CLIENT, lambda *_: None)

    def __call__(self, tap: Tap) -> None:
        super().__call__(tap)
        self._hold = tap.hold("Basic.Publish", Side.CLIENT, and_after=True)

    def release(self) -> None:
        """Lets it through, and what comes after it."""
        self._hold.release()


class HeldConfirms:
    """The broker's confirms are held back until they are released."""

    def __init__(self) -> None:
        self._holds: list[Hold] = []

    def __call__(self, tap: Tap) -> None:
        """Lays it on a tap."""
        self._holds += [tap.hold(name, Side.BROKER) for name in CONFIRMS]

    def release(self) -> None:
        """Lets them through, and those to come."""
        for hold in self._holds:
            hold.release()


def slow_line(seconds: float) -> Callable[[Tap], None]:
    """All that the program sends reaches the broker late, by these seconds."""
    return lambda tap: tap.delay(seconds, Side.CLIENT)


class Credentials(Fault):
    """The broker is shown this user and password, whatever the program gives: it lets in any program, or none."""

    def __init__(self, user: str, password: str) -> None:
        super().__init__(["Connection.StartOk"], Side.CLIENT, self._swap, times=None)
        self._response = f"\0{user}\0{password}"
        self.shown = ""
        """The credentials that the program gave last."""

    def _swap(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        greeting = frame.decode()
        if not isinstance(greeting, commands.Connection.StartOk):
            return None
        given: Any = greeting.response  # bytes, if they are no text
        self.shown = given if isinstance(given, str) else given.decode(errors="replace")
        properties, locale = greeting.client_properties, greeting.locale
        return [
            marshal(commands.Connection.StartOk(properties, "PLAIN", self._response, locale), frame.channel)
        ]


class Login(Credentials):
    """The broker lets in any program, and what the program gave of its own is noted."""

    virtual_host = ""
    """The one that it asked for last."""

    def __call__(self, tap: Tap) -> None:
        super().__call__(tap)
        tap.rewrite(only("Connection.Open", sender=Side.CLIENT)(self._enter))

    def _enter(self, connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        self.virtual_host = connection.state.get(ASKED_FOR, "")
        return None


def with_login(user: str, password: str, virtual_host: str) -> Callable[[str], str]:
    """Makes the same URL with these parts, percent-encoded."""
    credentials, path = f"{quote(user, safe='')}:{quote(password, safe='')}", quote(virtual_host, safe="")
    return lambda url: re.sub(r"://(?:[^@/]*@)?([^/]*).*", rf"://{credentials}@\1/{path}", url)


def with_password(password: str) -> Callable[[str], str]:
    """Makes the same URL with another password."""
    return lambda url: re.sub(r"://([^:@/]*)(:[^@/]*)?@", rf"://\1:{password}@", url)


def garbled(url: str) -> str:
    """The same URL, with a port that is no number."""
    return re.sub(r":\d+(?=/|$)", ":port", url)


def _cutting(reset: bool) -> Rule:
    def act(connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes]:
        connection.cut(reset=reset)
        return []

    return act
