"""A client of the suite's own, to put questions to the broker."""

import contextlib
import random
from collections.abc import Callable, Sequence
from typing import Any

import pika
import pika.compat
import pika.exceptions
from pika.adapters.blocking_connection import BlockingChannel

from .history import History
from .ledger import Cancellation, Channel, Closed, Delivery, Ledger, Publication
from .party import Party
from .patience import POLL
from .tasks import Task, new_task
from .verdicts import Broken
from .wiretap import Side, Tap


class Client(Party):
    """Publishes, consumes and settles on one channel, which it opens again when it was closed.

    The connection is pika's. What the client was sent is read at its tap, not from pika.
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

    @property
    def channel(self) -> BlockingChannel:
        """Its channel, in confirm mode."""
        if self._open is None or not self._open.is_open:
            self.opens_a_channel()
        return self._open

    def opens_a_channel(self) -> None:
        """Goes on with a new channel, and leaves the one that it had as it is."""
        self._open = self._connection.channel()
        self._open.confirm_delivery()

    # Queues

    def declares(self, queue: str, **properties: Any) -> None:
        """Declares a queue that is durable and of the run's type, unless the properties say otherwise; broken
        if that is refused.

        Properties are `durable`, `exclusive`, `auto_delete`, and arguments such as `x_max_length`; an
        argument that is None is left out, which goes for `x_queue_type` too.
        """
        try:
            self._declare(queue, **properties)
        except pika.exceptions.AMQPError as refusal:
            raise Broken(f"the queue '{queue}' declared", str(refusal)) from refusal

    def is_refused_when_it_declares(self, queue: str, **properties: Any) -> Closed:
        """Declares a queue, which the broker must refuse; returns how it did."""
        return self.is_refused(lambda: self._declare(queue, **properties), f"the declaration of '{queue}'")

    def tries_to_declare(self, queue: str, **properties: Any) -> Closed | None:
        """Declares a queue, which the broker may refuse; returns how it did, or None."""
        before = len(_refusals(self.ledger))
        try:
            self._declare(queue, **properties)
        except pika.exceptions.AMQPError:
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
        self.channel.queue_declare(queue, passive=True)

    def deletes(self, queue: str) -> None:
        """Deletes the queue with what is on it."""
        self.channel.queue_delete(queue)

    def spreads(self, exchange: str, queues: Sequence[str]) -> None:
        """Declares an exchange that puts every message on each of the queues."""
        self.channel.exchange_declare(exchange, "fanout", durable=True)
        for queue in queues:
            self.channel.queue_bind(queue, exchange)

    # Refusals

    def is_refused(self, act: Callable[[], object], what: str) -> Closed:
        """Does what the broker must refuse, and returns how it did."""
        before = len(_refusals(self.ledger))
        with contextlib.suppress(pika.exceptions.AMQPError):
            act()
            self._ask()
            raise Broken(f"{what} refused", "the broker accepts it")
        return self._eventually(
            lambda book: _refusals(book)[before:], f"a refusal of {what}, with its reason"
        )[0]

    def is_closed(self) -> Closed:
        """Waits until the broker has closed its channel or its connection, and returns how."""
        refusal = self._eventually(_refusals, f"the broker closes what {self.who} has open")[-1]
        # A channel is gone when its client has agreed.
        with contextlib.suppress(pika.exceptions.AMQPError):
            while self._is_open():
                self._connection.process_data_events(time_limit=POLL)
        return refusal

    def asks_something(self) -> None:
        """A question on its channel, answered when all that it did before has been dealt with; broken if the
        broker has closed the channel instead."""
        try:
            self._ask()
        except pika.exceptions.AMQPError as refusal:
            raise Broken(f"the channel of {self.who} lives on", str(refusal)) from refusal

    def _ask(self) -> None:
        self.channel.exchange_declare("amq.direct", passive=True)

    # Publishing

    def publishes(self, queue: str, *, persistent: bool = True) -> Task:
        """Publishes a new task to the queue, and has it confirmed."""
        task = new_task(random=self._random)
        try:
            self.channel.basic_publish("", queue, task.body, _keeping(persistent), mandatory=True)
        except pika.exceptions.AMQPError as refusal:
            raise Broken(f"a message to '{queue}' confirmed", repr(refusal)) from refusal
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
        before = len(self.ledger.publications)
        given = properties or _keeping(True)
        with contextlib.suppress(pika.exceptions.NackError, pika.exceptions.UnroutableError):
            self.channel.basic_publish(exchange, key, body, given, mandatory=mandatory)

        def answered(book: Ledger) -> list[Publication]:
            return [each for each in book.publications[before:] if each.confirmed_by is not None]

        return self._eventually(answered, f"{self.who} has a message to '{key}' confirmed")[0]

    def publishes_at_once(self, keys: Sequence[str], *, exchange: str = "") -> list[Task]:
        """Publishes a new task to each key, on a channel of their own in confirm mode, and waits for
        nothing."""
        # pika's blocking channel waits for each confirm; the one that it stands on does not.
        channel = self._connection.channel()._impl
        channel.confirm_delivery(lambda _: None)
        tasks = [new_task(random=self._random) for _ in keys]
        for key, task in zip(keys, tasks, strict=True):
            channel.basic_publish(exchange, key, task.body, _keeping(True))
        self._connection.process_data_events(time_limit=0)
        return tasks

    def publishes_blindly(self, key: str, *, exchange: str = "") -> None:
        """Publishes a message on a channel that is not in confirm mode, so that nothing answers it."""
        self._open = self._connection.channel()
        self._open.basic_publish(exchange, key, b"into the blue")

    def pours(self, queue: str, messages: int) -> None:
        """Publishes a number of small messages that nobody asks for one by one."""
        channel = self._connection.channel()
        for number in range(messages):
            channel.basic_publish("", queue, str(number).encode())
        channel.close()

    # Consuming

    def consumes(
        self, queue: str, *, prefetch: int = 0, whole_channel: bool = False, no_ack: bool = False
    ) -> tuple[Channel, str]:
        """Subscribes, with that prefetch limit for the consumer or for the whole channel (`global`); returns
        the channel and the consumer's tag."""
        if prefetch:
            self.channel.basic_qos(prefetch_count=prefetch, global_qos=whole_channel)
        tag = self.channel.basic_consume(queue, lambda *_: self._taken.append(None), auto_ack=no_ack)
        consumer = self._eventually(
            lambda book: [each for each in book.consumers if each.tag == tag], f"{self.who} subscribes"
        )[-1]
        return consumer.channel, consumer.tag

    def limits_itself(self, prefetch: int) -> None:
        """Sets the prefetch limit for the consumers that are to come."""
        self.channel.basic_qos(prefetch_count=prefetch)

    def cancels(self, consumer: tuple[Channel, str]) -> None:
        """Ends its subscription."""
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
        while self._is_open() and len(self._taken) < len(self.ledger.deliveries):
            self._connection.process_data_events(time_limit=POLL)

    def _is_open(self) -> bool:
        return self._open is not None and bool(self._open.is_open)

    # Settling

    def acknowledges(self, task: Task) -> None:
        """Acknowledges the last delivery of the task, and waits until the broker has dealt with that."""
        self.channel.basic_ack(self.receives(task).tag)
        self.finishes(task)
        self.asks_something()

    def acknowledges_tag(self, tag: int, *, multiple: bool = False) -> None:
        """Acknowledges a tag, whether or not it was delivered."""
        self.channel.basic_ack(tag, multiple=multiple)

    def nacks(self, task: Task, *, requeue: bool = True) -> None:
        """Gives the last delivery of the task back by basic.nack."""
        self.channel.basic_nack(self.receives(task).tag, requeue=requeue)

    def rejects(self, task: Task, *, requeue: bool = True) -> None:
        """Gives the last delivery of the task back by basic.reject."""
        self.channel.basic_reject(self.receives(task).tag, requeue=requeue)

    # The connection

    def is_blocked(self) -> None:
        """Waits until the broker has told it to publish nothing."""
        self._is_told("Connection.Blocked")

    def is_unblocked(self) -> None:
        """Waits until the broker has told it that it may publish again."""
        self._is_told("Connection.Unblocked")

    def _is_told(self, what: str) -> None:
        def told(_: Ledger) -> bool:
            return any(event.who == self.who and event.what == what for event in self.history.events)

        self._eventually(told, f"{self.who} is told {what}")

    def closes_its_channel(self) -> None:
        """Closes the channel, and leaves the connection open."""
        self.channel.close()

    def is_cut_off(self) -> None:
        """Its connection ends without a word of AMQP, as when its process is killed."""
        self.tap.cut()

    def is_reset(self) -> None:
        """Its connection is reset, as when its host is gone."""
        self.tap.cut(reset=True)

    def falls_silent(self) -> None:
        """Nothing of it arrives any more, not its end either, as when the network is gone."""
        self.tap.black_hole()

    def close(self) -> None:
        """Closes the connection, if it is still there."""
        with contextlib.suppress(pika.exceptions.AMQPError):
            if self._connection.is_open:
                self._connection.close()


def wide(value: int) -> int:
    """The same integer, which goes over the wire in 64 bits even where 32 would do."""
    widened: int = pika.compat.long(value)
    return widened


def _keeping(persistent: bool) -> pika.BasicProperties:
    mode = pika.DeliveryMode.Persistent if persistent else pika.DeliveryMode.Transient
    return pika.BasicProperties(delivery_mode=mode)


def _refusals(book: Ledger) -> list[Closed]:
    return [each for each in book.closed if each.by is Side.BROKER]
