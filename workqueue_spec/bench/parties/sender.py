"""A client of the suite's own that publishes."""

from collections.abc import Sequence

import pika

from ...judgement.ledger import Closed, Ledger, Publication, Reply
from ...judgement.tasks import Task, new_task
from ...judgement.verdicts import Broken, NoAnswer, judge
from ...judgement.verdicts.confirming import acked_without_return
from .client import Client
from .client_connection import Refused, refusals


class Sender(Client):
    """Publishes, and is told by the broker what became of it."""

    def publishes(self, queue: str, *, persistent: bool = True, expiration: str | None = None) -> Task:
        """Publishes a new task to the queue. Raises Broken unless the broker acks it without a return. `expiration`
        is in milliseconds; None means that the task does not expire.
        """
        task = new_task(random=self._random)
        properties = _delivery_mode(persistent)
        properties.expiration = expiration
        publication = self.offers(queue, task.body, mandatory=True, properties=properties)
        judge(acked_without_return([each for each in self.ledger.replies if _is_after(each, publication)]))
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
        """Publishes a message and waits for the broker's confirm, an ack or a nack. Returns the publication."""
        before, refused = len(self.ledger.publications), len(refusals(self.ledger))
        given = properties or _delivery_mode(True)
        what = f"{self.name} has a message to '{key}' confirmed"
        with self._expecting(what):
            self.channel._impl.basic_publish(exchange, key, body, given, mandatory=mandatory)
            self._connection.process_data_events(time_limit=0)

        def replied(book: Ledger) -> Sequence[Publication | Closed]:
            confirmed = [each for each in book.publications[before:] if each.confirmed_by is not None]
            return confirmed or refusals(book)[refused:]

        try:
            reply = self._eventually(replied, what)[0]
        except Broken as error:
            raise NoAnswer(error.expected, error.seen, error.decided_by, error.kind) from error
        if isinstance(reply, Closed):
            self._agrees_that_it_is_closed()
            raise Refused(what, f"({reply.code}, {reply.text!r})")
        return reply

    def publishes_at_once(
        self, keys: Sequence[str], *, exchange: str = "", words: Sequence[int] = range(5)
    ) -> list[Task]:
        """Publishes a new task to each key without waiting for confirms. The number of words of each task is drawn
        from `words`.
        """
        tasks = [new_task(random=self._random, words=self._random.choice(words)) for _ in keys]
        with self._expecting(f"{len(tasks)} messages taken"):
            for key, task in zip(keys, tasks, strict=True):
                self.channel._impl.basic_publish(exchange, key, task.body, _delivery_mode(True))
            self._connection.process_data_events(time_limit=0)
        return tasks

    def publishes_without_confirm(self, key: str, *, exchange: str = "") -> None:
        """Publishes a message on a channel that is not in confirm mode, so the broker does not reply."""
        self.opens_a_channel(confirms=False)
        with self._expecting("a message taken"):
            self.channel.basic_publish(exchange, key, b"into the blue")

    def publishes_many(self, queue: str, messages: int) -> None:
        """Publishes `messages` small messages on a new channel without confirms.

        The channel stays open: RabbitMQ's channel sends a quorum queue again what the queue did not take at first.
        """
        with self._expecting(f"{messages} messages taken"):
            channel = self._connection.channel()
            for number in range(messages):
                channel.basic_publish("", queue, str(number).encode())

    def is_blocked(self) -> None:
        """Waits until the broker has told it by connection.blocked to publish nothing."""
        self._is_told("Connection.Blocked")

    def is_unblocked(self) -> None:
        """Waits until the broker has told it by connection.unblocked that it may publish again."""
        self._is_told("Connection.Unblocked")

    def _is_told(self, method: str) -> None:
        self._eventually(lambda _: self._times_of(method), f"{self.name} is told {method}")


def _delivery_mode(persistent: bool) -> pika.BasicProperties:
    mode = pika.DeliveryMode.Persistent if persistent else pika.DeliveryMode.Transient
    return pika.BasicProperties(delivery_mode=mode)


def _is_after(reply: Reply, publication: Publication) -> bool:
    """Whether the broker said this after the message was published, on the same channel."""
    return reply.channel == publication.channel and reply.at >= publication.at
