"""A client of the suite's own that does what it is told and nothing else."""

import contextlib
import select
import socket
import urllib.parse
from collections.abc import Callable, Sequence

from pamqp import base, body, commands, header

from ...judgement.history import History
from ...judgement.verdicts import Broken, Kind, Moment
from ...timeouts import EVENTUALLY, POLL
from ...wiretap import Tap, marshal
from .party import Party

CHANNEL = 1
_PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"
_CHUNK = 1 << 16
_ENDS = ("Channel.Close", "Connection.Close", "Tap.Disconnected")


class PlainClient(Party):
    """A connection with one channel in confirm mode. It sends methods and reads nothing but the history.

    pika's blocking client does more than it is told: it rejects what comes after a cancel, and gives back what it
    has not handed over. A model could not tell that from what the broker does. What is sent in one `sends` leaves
    in one segment, so that a step costs one round trip.
    """

    def __init__(self, name: str, tap: Tap, history: History, *, url: str) -> None:
        """`url` leads to the tap."""
        super().__init__(name, tap, history, seconds_per_dot=0.0)
        self.patience = EVENTUALLY
        """Seconds within which the broker must answer."""
        parts = urllib.parse.urlsplit(url)
        self._login = [urllib.parse.unquote(each or "") for each in (parts.username, parts.password)]
        self._virtual_host = urllib.parse.unquote(parts.path.removeprefix("/"))
        self._socket: socket.socket | None = None
        self._ended = 0
        self.connects()

    def connects(self) -> None:
        """Opens a connection and its channel. The one before must be closed or lost. Raises Broken if the broker
        does not let it in.
        """
        self._ended = self._ends()
        opened = socket.create_connection((self.tap.host, self.tap.port), self.patience)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.setblocking(False)
        self._socket = opened
        start = self._count("Connection.Start")
        self._write(_PROTOCOL_HEADER)
        self.waits(lambda: self._count("Connection.Start") > start, f"{self.name} is greeted")
        response = "\0".join(["", *self._login])
        self._asks(commands.Connection.StartOk({}, "PLAIN", response, "en_US"), "Connection.Tune")
        tuned = commands.Connection.TuneOk(2047, 131072, 0)
        self._asks(
            tuned, "Connection.OpenOk", commands.Connection.Open(virtual_host=self._virtual_host or "/")
        )
        self.opens_its_channel()

    def _asks(self, method: base.Frame, reply: str, *more: base.Frame) -> None:
        before = self._count(reply)
        self._write(b"".join(marshal(each, 0) for each in (method, *more)))
        self.waits(lambda: self._count(reply) > before, f"{self.name} gets {reply}")

    def opens_its_channel(self) -> None:
        """Opens the channel in confirm mode."""
        self.asks([commands.Channel.Open(), commands.Confirm.Select()], "Confirm.SelectOk")

    def closes_its_channel(self) -> None:
        """Closes the channel, and leaves the connection open."""
        self._ended += 1
        self.asks([commands.Channel.Close(200, "closed", 0, 0)], "Channel.CloseOk")

    def drops_its_connection(self) -> None:
        """Closes the TCP connection without a word of AMQP, as when its process is killed."""
        self.tap.cut()
        self._forget()

    def sends(self, *methods: base.Frame | bytes) -> None:
        """Sends methods on its channel, or bytes as `message` makes them, all at once. Waits for nothing."""
        self._write(b"".join(each if isinstance(each, bytes) else marshal(each, CHANNEL) for each in methods))

    def asks(self, methods: Sequence[base.Frame | bytes], reply: str, times: int = 1) -> None:
        """Sends the methods, and waits until this reply has come `times` times. Raises Broken if it does not come,
        or if the broker closes the channel or the connection instead.
        """
        before = self._count(reply)
        self.sends(*methods)
        self.waits(lambda: self._count(reply) >= before + times, f"{self.name} gets {reply}")

    def waits(self, question: Callable[[], object], expected: str) -> None:
        """Waits until the answer is true. Raises Broken if it is not within `patience` seconds, or if the broker
        closes the channel or the connection before.
        """

        def answered() -> bool:
            return bool(question()) or self._ends() > self._ended

        deadline = self.history.now + self.patience
        while not answered() and (left := deadline - self.history.now) > 0:
            # The tap tells what has passed just after it has passed. To wait for the bytes first wakes this thread
            # once, and not for each event.
            if self._socket is not None:
                select.select([self._socket], [], [], min(left, POLL))
                self._drain()
            self.history.wait(lambda _: answered(), min(left, POLL))
        if question():
            return
        if self._ends() > self._ended:
            raise Broken(expected, self._end_as_seen(), self._last_end(), Kind.REFUSED)
        raise Broken(expected, f"nothing of the kind within {self.patience:.1f} s")

    def last(self, what: str) -> base.Frame:
        """The last method of this name that was seen on its connections."""
        wire = self.history.events_of(self.name, what)[-1].wire
        assert wire is not None
        assert wire.method is not None
        return wire.method

    def close(self) -> None:
        """Closes the connection politely, if it is still open."""
        if self._socket is not None:
            with contextlib.suppress(Broken, OSError):
                self._asks(commands.Connection.Close(200, "closed", 0, 0), "Connection.CloseOk")
        self._forget()

    def _forget(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _count(self, what: str) -> int:
        return len(self.history.events_of(self.name, what))

    def _ends(self) -> int:
        """How often a channel or a connection has ended. `_ended` is how often that was expected."""
        return sum(self._count(each) for each in _ENDS)

    def _last_end(self) -> Moment:
        events = [self.history.events_of(self.name, each) for each in _ENDS]
        last = max((each[-1] for each in events if each), key=lambda event: event.at)
        return Moment(self.name, last.at, last.what)

    def _end_as_seen(self) -> str:
        closed = [each for each in self.ledger.closed if each.is_refusal]
        return f"refused: {closed[-1].code} {closed[-1].text}" if closed else "its connection is lost"

    def _write(self, raw: bytes) -> None:
        if self._socket is None:
            raise Broken(f"{self.name} is connected", "its connection is lost")
        try:
            self._socket.settimeout(self.patience)
            self._socket.sendall(raw)
        except OSError as error:
            raise Broken(f"{self.name} can send", f"its connection is lost: {error}") from error

    def _drain(self) -> None:
        """Takes from the socket what has come, so that the broker can go on sending: the history has it."""
        if self._socket is None:
            return
        self._socket.setblocking(False)
        with contextlib.suppress(OSError):
            while self._socket.recv(_CHUNK):
                pass


def message(queue: str, text: bytes, *, persistent: bool, mandatory: bool) -> bytes:
    """The frames that publish a message to the queue, by the default exchange."""
    properties = commands.Basic.Properties(delivery_mode=2 if persistent else 1)
    return b"".join(
        [
            marshal(commands.Basic.Publish(0, "", queue, mandatory), CHANNEL),
            marshal(header.ContentHeader(0, len(text), properties), CHANNEL),
            marshal(body.ContentBody(text), CHANNEL),
        ]
    )
