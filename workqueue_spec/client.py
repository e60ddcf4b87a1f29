"""A client of the suite's own, to put questions to the broker."""

import contextlib
import random
from typing import Any

import pika
import pika.exceptions
from pika.adapters.blocking_connection import BlockingChannel

from .history import History
from .ledger import Channel, Closed, Delivery
from .party import Party
from .patience import POLL
from .tasks import Task, new_task
from .verdicts import Broken
from .wiretap import Tap


class Client(Party):
    """Publishes, consumes and settles on one channel, which it opens again when it was closed.

    The connection is pika's. What the client was sent is read at its tap, not from pika.
    """

    def __init__(
        self, who: str, url: str, tap: Tap, history: History, queue_type: str, random: random.Random
    ) -> None:
        super().__init__(who, tap, history, seconds_per_dot=0.0)
        self._queue_type = queue_type
        self._random = random
        parameters = pika.URLParameters(url)
        # It answers nothing while the test looks elsewhere, so it must not be asked for heartbeats.
        parameters.heartbeat = 0
        self._connection = pika.BlockingConnection(parameters)
        self._open: BlockingChannel | None = None
        self._taken: list[None] = []

    @property
    def channel(self) -> BlockingChannel:
        """Its channel, in confirm mode."""
        if self._open is None or not self._open.is_open:
            self._open = self._connection.channel()
            self._open.confirm_delivery()
        return self._open

    def declares(
        self, queue: str, *, durable: bool = True, auto_delete: bool = False, **arguments: Any
    ) -> None:
        """Declares a queue of the run's type, unless `x_queue_type` names one; broken if that is refused."""
        try:
            self._declare(queue, durable, auto_delete, arguments)
        except pika.exceptions.AMQPError as refusal:
            raise Broken(f"the queue '{queue}' declared", str(refusal)) from refusal

    def is_refused_when_it_declares(
        self, queue: str, *, durable: bool = True, auto_delete: bool = False, **arguments: Any
    ) -> Closed:
        """Declares a queue, which the broker must refuse; returns how it did."""
        before = len(self.ledger.closed)
        with contextlib.suppress(pika.exceptions.AMQPError):
            self._declare(queue, durable, auto_delete, arguments)
            raise Broken(f"the declaration of '{queue}' refused", "the broker accepts it")
        return self._eventually(lambda book: book.closed[before:], "a refusal with its reason")[0]

    def _declare(self, queue: str, durable: bool, auto_delete: bool, arguments: dict[str, Any]) -> None:
        type_ = {"x-queue-type": "quorum"} if self._queue_type == "quorum" else {}
        given = {name.replace("_", "-"): value for name, value in arguments.items()}
        self.channel.queue_declare(
            queue, durable=durable, auto_delete=auto_delete, arguments={**type_, **given}
        )

    def publishes(self, queue: str, *, persistent: bool = True) -> Task:
        """Publishes a new task to the queue, and has it confirmed."""
        task = new_task(random=self._random)
        mode = pika.DeliveryMode.Persistent if persistent else pika.DeliveryMode.Transient
        try:
            self.channel.basic_publish(
                "", queue, task.body, pika.BasicProperties(delivery_mode=mode), mandatory=True
            )
        except pika.exceptions.AMQPError as refusal:
            raise Broken(f"a message to '{queue}' confirmed", repr(refusal)) from refusal
        return task

    def consumes(self, queue: str, *, prefetch: int = 0) -> tuple[Channel, str]:
        """Subscribes, with that prefetch limit; returns the channel and the consumer's tag."""
        if prefetch:
            self.channel.basic_qos(prefetch_count=prefetch)
        tag = self.channel.basic_consume(queue, lambda *_: self._taken.append(None))
        consumer = self._eventually(
            lambda book: [each for each in book.consumers if each.tag == tag], f"{self.who} subscribes"
        )[-1]
        return consumer.channel, consumer.tag

    def receives(self, task: Task) -> Delivery:
        """Waits until the task is delivered to it."""
        delivery = super().receives(task)
        # pika gives back what it has read and not yet handed on when it closes a channel: let it hand on all.
        while len(self._taken) < len(self.ledger.deliveries):
            self._connection.process_data_events(time_limit=POLL)
        return delivery

    def acknowledges(self, task: Task) -> None:
        """Acknowledges the last delivery of the task."""
        self.channel.basic_ack(self.receives(task).tag)
        self.finishes(task)

    def closes_its_channel(self) -> None:
        """Closes the channel, and leaves the connection open."""
        self.channel.close()

    def is_cut_off(self) -> None:
        """Its connection ends without a word of AMQP, as when its process is killed."""
        self.tap.cut()

    def is_reset(self) -> None:
        """Its connection is reset, as when its host is gone."""
        self.tap.cut(reset=True)

    def close(self) -> None:
        """Closes the connection, if it is still there."""
        with contextlib.suppress(pika.exceptions.AMQPError):
            if self._connection.is_open:
                self._connection.close()
