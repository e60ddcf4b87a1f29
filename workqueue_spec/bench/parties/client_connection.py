"""The suite's own connection to the broker: how it asks, how it is refused, and how it ends."""

import contextlib
import random
from collections.abc import Callable, Iterator, Sequence
from typing import NoReturn

import pika
import pika.exceptions
from pika.adapters.blocking_connection import BlockingChannel

from ...judgement.history import Event, History
from ...judgement.ledger import Closed, Ledger
from ...judgement.verdicts import Broken, NoAnswer
from ...timeouts import EVENTUALLY, POLL
from ...wiretap import Side, Tap
from .party import Party


class Refused(Broken):
    """The broker closed the channel or the connection instead of doing what it was asked for."""


class ClientConnection(Party):
    """A connection of the suite with one channel, which is opened again after it was closed.

    The connection is pika's. What the broker sends is read at the tap, not from pika. Each method that asks the
    broker for something raises Refused if the broker refuses, and Broken if it does not reply in time.
    """

    def __init__(
        self,
        name: str,
        tap: Tap,
        history: History,
        *,
        url: str,
        queue_type: str,
        random: random.Random,
        heartbeat: int = 0,
    ) -> None:
        """`url` leads to the tap. `queue_type` is the type of the queues that it declares. `random` draws what it
        publishes. `heartbeat` is in seconds; 0 means no heartbeats.
        """
        super().__init__(name, tap, history, seconds_per_dot=0.0)
        self._queue_type = queue_type
        self._random = random
        parameters = pika.URLParameters(url)
        # pika sends heartbeats only while it is called, and the test is busy elsewhere: usually there are none.
        parameters.heartbeat = heartbeat
        self._connection = pika.BlockingConnection(parameters)
        self._channel: BlockingChannel | None = None
        self._silent = False

    @property
    def channel(self) -> BlockingChannel:
        """Its channel, opened now if none is open. It is in confirm mode unless it was opened otherwise."""
        if not self._channel_is_open():
            self.opens_a_channel()
        return self._channel

    def _channel_is_open(self) -> bool:
        return self._channel is not None and bool(self._channel.is_open)

    def opens_a_channel(self, *, confirms: bool = True) -> None:
        """Opens a new channel, in confirm mode or not, and uses it from now on. The old one stays open."""
        with self._expecting("a channel opened"):
            self._channel = self._connection.channel()
            if confirms:
                # pika's blocking channel waits for each confirm without a limit; the channel below it does not.
                self._channel._impl.confirm_delivery(lambda _: None)

    def closes_its_channel(self) -> None:
        """Closes the channel, and leaves the connection open."""
        with self._expecting("its channel closed"):
            self.channel.close()

    @contextlib.contextmanager
    def _expecting(self, what: str) -> Iterator[None]:
        """While it asks the broker for something. Raises Refused or Broken if the broker does not do it in time."""

        def hang_up() -> NoReturn:
            self.tap.cut()
            raise NoAnswer(what, f"no answer within {EVENTUALLY:.0f} s")

        # pika waits for the broker's answer without a limit.
        connection = self._connection
        timer = connection._impl._adapter_call_later(EVENTUALLY, hang_up) if connection.is_open else None
        try:
            yield
        except pika.exceptions.ConnectionWrongStateError as gone:
            closed = refusals(self.ledger)
            seen = f"({closed[-1].code}, {closed[-1].text!r})" if closed else "its connection is closed"
            raise Refused(what, seen) from gone
        except pika.exceptions.AMQPError as refusal:
            raise Refused(what, str(refusal) or repr(refusal)) from refusal
        finally:
            if timer is not None and connection.is_open:
                connection._impl._adapter_remove_timeout(timer)

    def is_answered(self) -> None:
        """Asks a question on its channel and waits for the answer. By then the broker has dealt with all that was
        sent on the channel before.
        """
        with self._expecting(f"the channel of {self.name} lives on"):
            self.channel.exchange_declare("amq.direct", passive=True)

    # Refusals

    def is_refused(self, act: Callable[[], object], what: str) -> Closed:
        """Does what the broker must refuse. Returns the refusal; raises Broken if the broker accepts."""
        before = len(refusals(self.ledger))
        try:
            act()
            self.is_answered()
        except Refused:
            pass
        else:
            raise Broken(f"{what} refused", "the broker accepts it")
        return self._refusal_after(before, f"a refusal of {what}, with its reason")

    def is_closed(self) -> Closed:
        """Waits until the broker has closed its channel or its connection. Returns the refusal."""
        refusal = self._eventually(refusals, f"the broker closes what {self.name} has open")[-1]
        self._agrees_that_it_is_closed()
        return refusal

    def _refusal_after(self, before: int, expected: str) -> Closed:
        return self._eventually(lambda book: refusals(book)[before:], expected)[0]

    def _agrees_that_it_is_closed(self) -> None:
        """Waits until pika has replied to the broker's close: only then is the channel gone."""
        with contextlib.suppress(Refused), self._expecting("its channel closed"):
            while self._channel_is_open():
                self._connection.process_data_events(time_limit=POLL)

    # The connection

    def _times_of(self, method: str) -> list[float]:
        """When this method was seen on the connection, in seconds since the history began."""
        return [event.at for event in self.history.events if event.who == self.name and event.what == method]

    def receives_a_heartbeat(self) -> None:
        """Waits until the broker has sent it a heartbeat."""

        def sent(events: Sequence[Event]) -> bool:
            mine = (event.wire for event in events if event.who == self.name and event.what == "Heartbeat")
            return any(wire is not None and wire.sender is Side.BROKER for wire in mine)

        if not self.history.wait(sent, EVENTUALLY):
            raise Broken(f"a heartbeat of the broker's to {self.name}", f"none within {EVENTUALLY:.0f} s")

    def drops_its_connection(self) -> None:
        """Closes the TCP connection without a word of AMQP, as when its process is killed."""
        self.tap.cut()

    def resets_its_connection(self) -> None:
        """Resets the TCP connection, as when its host is gone."""
        self.tap.cut(reset=True)

    def falls_silent(self) -> None:
        """Lets nothing through any more, not even the end of the connection, as when the network is gone."""
        self._silent = True
        self.tap.black_hole()

    def close(self) -> None:
        """Closes the connection politely, if it is still open."""
        if self._silent:
            self.tap.cut()  # the broker's answer would not come through
        with contextlib.suppress(Broken), self._expecting("its connection closed"):
            if self._connection.is_open:
                self._connection.close()


def refusals(book: Ledger) -> list[Closed]:
    """The channels and connections that the broker closed."""
    return [each for each in book.closed if each.by is Side.BROKER]
