"""A client of the suite's own that consumes messages and settles them."""

from ...judgement.ledger import Cancellation, Channel, Delivery
from ...judgement.tasks import Task
from ...timeouts import POLL
from .client import Client


class Receiver(Client):
    """Consumes and fetches messages, and acknowledges, rejects or nacks them."""

    _handed_over = 0
    """How many deliveries pika has handed over to us."""

    # Consuming

    def consumes(
        self, queue: str, *, prefetch: int = 0, whole_channel: bool = False, no_ack: bool = False
    ) -> tuple[Channel, str]:
        """Subscribes, with this prefetch limit for the consumer or for the whole channel (`global`). Returns the
        channel and the consumer tag.
        """
        with self._expecting(f"{self.name} subscribed to '{queue}'"):
            if prefetch:
                self.channel.basic_qos(prefetch_count=prefetch, global_qos=whole_channel)
            tag = self.channel.basic_consume(queue, self._take, auto_ack=no_ack)
        consumer = self._eventually(
            lambda book: [each for each in book.consumers if each.tag == tag], f"{self.name} subscribes"
        )[-1]
        return consumer.channel, consumer.tag

    def _take(self, *_: object) -> None:
        self._handed_over += 1

    def fetches(self, queue: str) -> Delivery | None:
        """Asks for one message by basic.get. Returns None if the broker says that there is none."""
        what, before = f"a message from '{queue}', or word that there is none", len(self.ledger.deliveries)
        with self._expecting(what):
            method, _, _ = self.channel.basic_get(queue)
        if method is None:
            return None
        self._take()
        return self._eventually(lambda book: book.deliveries[before:], what)[0]

    def sets_prefetch(self, prefetch: int) -> None:
        """Sets the prefetch limit for later consumers on its channel."""
        with self._expecting(f"a prefetch limit of {prefetch}"):
            self.channel.basic_qos(prefetch_count=prefetch)

    def cancels(self, consumer: tuple[Channel, str]) -> None:
        """Ends its subscription."""
        with self._expecting("its subscription ended"):
            self.channel.basic_cancel(consumer[1])

    def is_cancelled(self) -> Cancellation:
        """Waits until the broker has ended its subscription by basic.cancel."""
        return self._eventually(
            lambda book: book.cancellations, f"{self.name} is told of the end by basic.cancel"
        )[0]

    def receives(self, task: Task) -> Delivery:
        """Waits until the task is delivered to it. Returns the latest delivery."""
        delivery = super().receives(task)
        self._takes_all_deliveries()
        return delivery

    def receives_times(self, task: Task, times: int) -> Delivery:
        """Waits until the task has been delivered to it this many times. Returns the last delivery."""
        expected = f"{self.name} receives task {task.token} {times} times"
        delivery = self._eventually(lambda book: book.of(task.mark)[times - 1 :], expected)[0]
        self._takes_all_deliveries()
        return delivery

    def receives_after(self, deliveries: int) -> Delivery:
        """Waits for one more delivery after this many, whatever the message is."""
        expected = f"{self.name} receives message {deliveries + 1}"
        delivery = self._eventually(lambda book: book.deliveries[deliveries:], expected)[0]
        self._takes_all_deliveries()
        return delivery

    def _takes_all_deliveries(self) -> None:
        # When pika closes a channel, it gives back what it has read and not handed over: let it hand over all.
        with self._expecting(f"all that is delivered to {self.name} handed on"):
            while self._channel_is_open() and self._handed_over < len(self.ledger.deliveries):
                self._connection.process_data_events(time_limit=POLL)

    # Settling

    def acknowledges(self, task: Task) -> None:
        """Acknowledges the last delivery of the task, and waits until the broker has dealt with that."""
        self.acknowledges_tag(self.receives(task).tag)
        self.finishes(task)
        self.is_answered()

    def nacks(self, task: Task, *, requeue: bool = True) -> None:
        """Returns the last delivery of the task by basic.nack, or discards it if `requeue` is false."""
        tag = self.receives(task).tag
        with self._expecting(f"tag {tag} given back"):
            self.channel.basic_nack(tag, requeue=requeue)

    def rejects(self, task: Task, *, requeue: bool = True) -> None:
        """Returns the last delivery of the task by basic.reject, or discards it if `requeue` is false."""
        tag = self.receives(task).tag
        with self._expecting(f"tag {tag} given back"):
            self.channel.basic_reject(tag, requeue=requeue)

    def acknowledges_tag(self, tag: int, *, multiple: bool = False) -> None:
        """Acknowledges a delivery tag, even one that was never delivered."""
        with self._expecting(f"tag {tag} acknowledged"):
            self.channel.basic_ack(tag, multiple=multiple)

    def nacks_tag(self, tag: int, *, multiple: bool = False) -> None:
        """Returns a delivery tag by basic.nack, even one that was never delivered."""
        with self._expecting(f"tag {tag} given back"):
            self.channel.basic_nack(tag, multiple=multiple)

    def rejects_tag(self, tag: int) -> None:
        """Returns a delivery tag by basic.reject, even one that was never delivered."""
        with self._expecting(f"tag {tag} given back"):
            self.channel.basic_reject(tag)
