"""A client of the suite's own, to put questions to the broker."""

import contextlib
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

import pika
import pika.compat
import pika.exceptions
from pika.adapters.blocking_connection import BlockingChannel

from ...broker.control import Counts
from ...judgement.history import Event, History
from ...judgement.ledger import Cancellation, Channel, Closed, Delivery, Ledger, Publication, Reply
from ...judgement.tasks import Task, new_task
from ...judgement.verdicts import Broken, judge
from ...judgement.verdicts.confirming import acked_without_return
from ...timeouts import EVENTUALLY, POLL
from ...wiretap import Side, Tap
from .party import Party


class Refused(Broken):
    """The broker has closed the channel or the connection instead of doing what it was asked for."""


class Client(Party):
    """Publishes, consumes and settles on one channel, which it opens again when it was closed.

    The connection is pika's. What the client was sent is read at its tap, not from pika. Whatever it asks of
    the broker is broken if the broker refuses it or does not answer in time.
    """

    def __init__(
        self,
        who: str,
        url: str,
        tap: Tap,
        history: History,
        queue_type: str,
        random: random.Random,
        heartbeat: int = 0,
    ) -> None:
        super().__init__(who, tap, history, seconds_per_dot=0.0)
        self._queue_type = queue_type
        self._random = random
        parameters = pika.URLParameters(url)
        # It answers nothing while the test looks elsewhere, so as a rule it must not be asked for heartbeats.
        parameters.heartbeat = heartbeat
        self._connection = pika.BlockingConnection(parameters)
        self._open: BlockingChannel | None = None
        self._taken: list[None] = []
        self._silent = False

    @property
    def channel(self) -> BlockingChannel:
        """Its channel, in confirm mode unless it was opened otherwise."""
        if self._open is None or not self._open.is_open:
            self.opens_a_channel()
        return self._open

    def opens_a_channel(self, *, confirms: bool = True) -> None:
        """Goes on with a new channel, in confirm mode or not, and leaves the one that it had as it is."""
        with self._asking("a channel opened"):
            self._open = self._connection.channel()
            if confirms:
                # pika's blocking channel waits for each confirm without end; the one that it stands on does not.
                self._open._impl.confirm_delivery(lambda _: None)

    @contextlib.contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        """What the broker is asked for it must do, and say so in time."""

        def hang_up() -> NoReturn:
            self.tap.cut()
            raise Broken(what, f"no answer within {EVENTUALLY:.0f} s")

        # pika waits for an answer without end.
        connection = self._connection
        timer = connection._impl._adapter_call_later(EVENTUALLY, hang_up) if connection.is_open else None
        try:
            yield
        except pika.exceptions.AMQPError as refusal:
            raise Refused(what, str(refusal) or repr(refusal)) from refusal
        finally:
            if timer is not None and connection.is_open:
                connection._impl._adapter_remove_timeout(timer)

    # Queues

    def declares(self, queue: str, **properties: Any) -> None:
        """Declares a queue that is durable and of the run's type, unless the properties say otherwise.

        Properties are `durable`, `exclusive`, `auto_delete`, and arguments such as `x_max_length`; an
        argument that is None is left out, which goes for `x_queue_type` too.
        """
        with self._asking(f"the queue '{queue}' declared"):
            self._declare(queue, **properties)

    def is_refused_when_it_declares(self, queue: str, **properties: Any) -> Closed:
        """Declares a queue, which the broker must refuse; returns how it did."""
        return self.is_refused(lambda: self.declares(queue, **properties), f"the declaration of '{queue}'")

    def tries_to_declare(self, queue: str, **properties: Any) -> Closed | None:
        """Declares a queue, which the broker may refuse; returns how it did, or None."""
        before = len(_refusals(self.ledger))
        try:
            self.declares(queue, **properties)
        except Refused:
            return self._eventually(lambda book: _refusals(book)[before:], "a refusal with its reason")[0]
        return None

    def _declare(
        self,
        queue: str,
        *,
        durable: bool = True,
        exclusive: bool = False,
        auto_delete: bool = False,
        **arguments: Any,
    ) -> None:
        asked = {"x-queue-type": "quorum" if self._queue_type == "quorum" else None}
        asked |= {name.replace("_", "-"): value for name, value in arguments.items()}
        given = {name: value for name, value in asked.items() if value is not None}
        self.channel.queue_declare(
            queue, durable=durable, exclusive=exclusive, auto_delete=auto_delete, arguments=given
        )

    def looks_for(self, queue: str) -> None:
        """Asks whether the queue is there, by a passive declaration."""
        self.counts(queue)

    def counts(self, queue: str) -> Counts:
        """The queue's counts, as its passive declaration is answered."""
        with self._asking(f"the queue '{queue}' found"):
            declared = self.channel.queue_declare(queue, passive=True).method
            return Counts(declared.message_count, declared.consumer_count)

    def deletes(self, queue: str) -> float:
        """Deletes the queue with what is on it, and returns when the broker said that it had done so."""
        what, before = f"the queue '{queue}' deleted", len(self._told("Queue.DeleteOk"))
        with self._asking(what):
            self.channel.queue_delete(queue)
        return self._eventually(lambda _: self._told("Queue.DeleteOk")[before:], what)[0]

    def spreads(self, exchange: str, queues: Sequence[str]) -> None:
        """Declares an exchange that puts every message on each of the queues."""
        with self._asking(f"the exchange '{exchange}' declared and bound"):
            self.channel.exchange_declare(exchange, "fanout", durable=True)
            for queue in queues:
                self.channel.queue_bind(queue, exchange)

    # Refusals

    def is_refused(self, act: Callable[[], object], what: str) -> Closed:
        """Does what the broker must refuse, and returns how it did."""
        before = len(_refusals(self.ledger))
        try:
            act()
            self.asks_something()
        except Refused:
            pass
        else:
            raise Broken(f"{what} refused", "the broker accepts it")
        return self._eventually(
            lambda book: _refusals(book)[before:], f"a refusal of {what}, with its reason"
        )[0]

    def is_closed(self) -> Closed:
        """Waits until the broker has closed its channel or its connection, and returns how."""
        refusal = self._eventually(_refusals, f"the broker closes what {self.who} has open")[-1]
        self._agrees_that_it_is_closed()
        return refusal

    def _agrees_that_it_is_closed(self) -> None:
        """A channel is gone when its client has agreed."""
        with contextlib.suppress(Refused), self._asking("its channel closed"):
            while self._is_open():
                self._connection.process_data_events(time_limit=POLL)

    def asks_something(self) -> None:
        """A question on its channel, answered when all that it did before has been dealt with."""
        with self._asking(f"the channel of {self.who} lives on"):
            self.channel.exchange_declare("amq.direct", passive=True)

    # Publishing

    def publishes(self, queue: str, *, persistent: bool = True, expiration: str | None = None) -> Task:
        """Publishes a new task to the queue, and has it confirmed. It may expire, after so many milliseconds."""
        task = new_task(random=self._random)
        properties = _keeping(persistent)
        properties.expiration = expiration
        publication = self.offers(queue, task.body, mandatory=True, properties=properties)
        judge(acked_without_return([each for each in self.ledger.replies if _tells_of(each, publication)]))
        return task

    def offers(
        self,
        key: str,
        body: bytes,
        *,
        exchange: str = "",
        mandatory: bool = False,
        properties: pika.BasicProperties | None = None,
    ) -> Publication:
        """Publishes a message, whatever the broker says to it, and returns it once the broker has said it."""
        before, refusals = len(self.ledger.publications), len(_refusals(self.ledger))
        given = properties or _keeping(True)
        what = f"{self.who} has a message to '{key}' confirmed"
        with self._asking(what):
            self.channel._impl.basic_publish(exchange, key, body, given, mandatory=mandatory)
            self._connection.process_data_events(time_limit=0)

        def answered(book: Ledger) -> Sequence[Publication | Closed]:
            confirmed = [each for each in book.publications[before:] if each.confirmed_by is not None]
            return confirmed or _refusals(book)[refusals:]

        answer = self._eventually(answered, what)[0]
        if isinstance(answer, Closed):
            self._agrees_that_it_is_closed()
            raise Refused(what, f"({answer.code}, {answer.text!r})")
        return answer

    def publishes_at_once(
        self, keys: Sequence[str], *, exchange: str = "", words: Sequence[int] = range(5)
    ) -> list[Task]:
        """Publishes a new task to each key, and waits for nothing. How many words each has is drawn from
        `words`.
        """
        tasks = [new_task(random=self._random, words=self._random.choice(words)) for _ in keys]
        with self._asking(f"{len(tasks)} messages taken"):
            for key, task in zip(keys, tasks, strict=True):
                self.channel._impl.basic_publish(exchange, key, task.body, _keeping(True))
            self._connection.process_data_events(time_limit=0)
        return tasks

    def publishes_blindly(self, key: str, *, exchange: str = "") -> None:
        """Publishes a message on a channel that is not in confirm mode, so that nothing answers it."""
        self.opens_a_channel(confirms=False)
        with self._asking("a message taken"):
            self.channel.basic_publish(exchange, key, b"into the blue")

    def pours(self, queue: str, messages: int) -> None:
        """Publishes a number of small messages that nobody asks for one by one.

        Their channel stays open: RabbitMQ's channel sends a quorum queue again what it did not take at first.
        """
        with self._asking(f"{messages} messages taken"):
            channel = self._connection.channel()
            for number in range(messages):
                channel.basic_publish("", queue, str(number).encode())

    # Consuming

    def consumes(
        self, queue: str, *, prefetch: int = 0, whole_channel: bool = False, no_ack: bool = False
    ) -> tuple[Channel, str]:
        """Subscribes, with that prefetch limit for the consumer or for the whole channel (`global`); returns
        the channel and the consumer's tag.
        """
        with self._asking(f"{self.who} subscribed to '{queue}'"):
            if prefetch:
                self.channel.basic_qos(prefetch_count=prefetch, global_qos=whole_channel)
            tag = self.channel.basic_consume(queue, lambda *_: self._taken.append(None), auto_ack=no_ack)
        consumer = self._eventually(
            lambda book: [each for each in book.consumers if each.tag == tag], f"{self.who} subscribes"
        )[-1]
        return consumer.channel, consumer.tag

    def fetches(self, queue: str) -> Delivery | None:
        """Asks for one message by basic.get. None: the broker says that there is none."""
        what, before = f"a message from '{queue}', or word that there is none", len(self.ledger.deliveries)
        with self._asking(what):
            method, _, _ = self.channel.basic_get(queue)
        if method is None:
            return None
        self._taken.append(None)
        return self._eventually(lambda book: book.deliveries[before:], what)[0]

    def limits_itself(self, prefetch: int) -> None:
        """Sets the prefetch limit for the consumers that are to come."""
        with self._asking(f"a prefetch limit of {prefetch}"):
            self.channel.basic_qos(prefetch_count=prefetch)

    def cancels(self, consumer: tuple[Channel, str]) -> None:
        """Ends its subscription."""
        with self._asking("its subscription ended"):
            self.channel.basic_cancel(consumer[1])

    def is_cancelled(self) -> Cancellation:
        """Waits until the broker has ended its subscription, and says so."""
        return self._eventually(
            lambda book: book.cancellations, f"{self.who} is told of the end by basic.cancel"
        )[0]

    def receives(self, task: Task) -> Delivery:
        """Waits until the task is delivered to it."""
        delivery = super().receives(task)
        self._hands_on()
        return delivery

    def receives_times(self, task: Task, times: int) -> Delivery:
        """Waits until the task has been delivered to it so many times, and returns the last delivery."""
        expected = f"{self.who} receives task {task.token} {times} times"
        delivery = self._eventually(lambda book: book.of(task.mark)[times - 1 :], expected)[0]
        self._hands_on()
        return delivery

    def receives_after(self, deliveries: int) -> Delivery:
        """Waits for the delivery that follows so many, whatever it holds."""
        expected = f"{self.who} receives message {deliveries + 1}"
        delivery = self._eventually(lambda book: book.deliveries[deliveries:], expected)[0]
        self._hands_on()
        return delivery

    def _hands_on(self) -> None:
        # pika gives back what it has read and not yet handed on when it closes a channel: let it hand on all.
        with self._asking(f"all that is delivered to {self.who} handed on"):
            while self._is_open() and len(self._taken) < len(self.ledger.deliveries):
                self._connection.process_data_events(time_limit=POLL)

    def _is_open(self) -> bool:
        return self._open is not None and bool(self._open.is_open)

    # Settling

    def acknowledges(self, task: Task) -> None:
        """Acknowledges the last delivery of the task, and waits until the broker has dealt with that."""
        self.acknowledges_tag(self.receives(task).tag)
        self.finishes(task)
        self.asks_something()

    def acknowledges_tag(self, tag: int, *, multiple: bool = False) -> None:
        """Acknowledges a tag, whether or not it was delivered."""
        with self._asking(f"tag {tag} acknowledged"):
            self.channel.basic_ack(tag, multiple=multiple)

    def nacks_tag(self, tag: int, *, multiple: bool = False) -> None:
        """Gives a tag back by basic.nack, whether or not it was delivered."""
        with self._asking(f"tag {tag} given back"):
            self.channel.basic_nack(tag, multiple=multiple)

    def rejects_tag(self, tag: int) -> None:
        """Gives a tag back by basic.reject, whether or not it was delivered."""
        with self._asking(f"tag {tag} given back"):
            self.channel.basic_reject(tag)

    def nacks(self, task: Task, *, requeue: bool = True) -> None:
        """Gives the last delivery of the task back by basic.nack."""
        tag = self.receives(task).tag
        with self._asking(f"tag {tag} given back"):
            self.channel.basic_nack(tag, requeue=requeue)

    def rejects(self, task: Task, *, requeue: bool = True) -> None:
        """Gives the last delivery of the task back by basic.reject."""
        tag = self.receives(task).tag
        with self._asking(f"tag {tag} given back"):
            self.channel.basic_reject(tag, requeue=requeue)

    # The connection

    def is_blocked(self) -> None:
        """Waits until the broker has told it to publish nothing."""
        self._is_told("Connection.Blocked")

    def is_unblocked(self) -> None:
        """Waits until the broker has told it that it may publish again."""
        self._is_told("Connection.Unblocked")

    def _is_told(self, what: str) -> None:
        self._eventually(lambda _: self._told(what), f"{self.who} is told {what}")

    def _told(self, what: str) -> list[float]:
        """When the broker told it so."""
        return [event.at for event in self.history.events if event.who == self.who and event.what == what]

    def closes_its_channel(self) -> None:
        """Closes the channel, and leaves the connection open."""
        with self._asking("its channel closed"):
            self.channel.close()

    def is_cut_off(self) -> None:
        """Its connection ends without a word of AMQP, as when its process is killed."""
        self.tap.cut()

    def is_reset(self) -> None:
        """Its connection is reset, as when its host is gone."""
        self.tap.cut(reset=True)

    def hears_a_heartbeat(self) -> None:
        """Waits until the broker has sent it one."""

        def sent(events: Sequence[Event]) -> bool:
            mine = (event.wire for event in events if event.who == self.who and event.what == "Heartbeat")
            return any(wire is not None and wire.sender is Side.BROKER for wire in mine)

        if not self.history.wait(sent, EVENTUALLY):
            raise Broken(f"a heartbeat of the broker's to {self.who}", f"none within {EVENTUALLY:.0f} s")

    def falls_silent(self) -> None:
        """Nothing of it arrives any more, not its end either, as when the network is gone."""
        self._silent = True
        self.tap.black_hole()

    def close(self) -> None:
        """Closes the connection, if it is still there."""
        if self._silent:
            self.tap.cut()  # the broker's answer would not come through
        with contextlib.suppress(Broken), self._asking("its connection closed"):
            if self._connection.is_open:
                self._connection.close()


def wide(value: int) -> int:
    """The same integer, which goes over the wire in 64 bits even where 32 would do."""
    widened: int = pika.compat.long(value)
    return widened


def _keeping(persistent: bool) -> pika.BasicProperties:
    mode = pika.DeliveryMode.Persistent if persistent else pika.DeliveryMode.Transient
    return pika.BasicProperties(delivery_mode=mode)


def _tells_of(answer: Reply, publication: Publication) -> bool:
    """Whether that was said after the message was published on the same channel."""
    return answer.channel == publication.channel and answer.at >= publication.at


def _refusals(book: Ledger) -> list[Closed]:
    return [each for each in book.closed if each.by is Side.BROKER]
