"""Two pika clients that take the steps of the model, and check nothing."""

import contextlib

import pika

_PERSISTENT = pika.BasicProperties(delivery_mode=2)


class Stepper:
    """A queue of its own, and two connections to it."""

    def __init__(self, url: str, queue_type: str, stack: contextlib.ExitStack, *, counts: bool) -> None:
        """With `counts` it asks for the queue's counts after each step, as the model does. Without, it does not
        wait until the broker has done a step that has no reply, such as an acknowledgement.
        """
        parameters = pika.URLParameters(f"{url}?heartbeat=0")
        connections = [stack.enter_context(pika.BlockingConnection(parameters)) for _ in range(2)]
        self.one, self.two = (each.channel() for each in connections)
        self.queue, self.counts = f"steps of pika {counts}", counts
        for each in (self.one, self.two):
            each.confirm_delivery()
        self.one.queue_declare(self.queue, durable=True, arguments={"x-queue-type": queue_type})
        self.delivered: list[int] = []

    def ten_steps(self) -> None:
        """Ten steps, after which the queue is as before."""
        self._publishes(self.one, 1)
        tag = self._fetches()
        self.two.basic_reject(tag)
        self._ends_step(self.two)
        self.two.basic_ack(self._fetches())
        self._ends_step(self.two)
        self.one.basic_qos(prefetch_count=1)
        consumer = self.one.basic_consume(
            self.queue, lambda _, got, *__: self.delivered.append(got.delivery_tag)
        )
        self._ends_step(self.one)
        self._publishes(self.two, 2)
        for _ in range(2):
            while not self.delivered:
                self.one.connection.process_data_events(time_limit=1)
            self.one.basic_ack(self.delivered.pop())
            self._ends_step(self.one)
        self.one.basic_cancel(consumer)
        self._ends_step(self.one)

    def _publishes(self, channel: pika.adapters.blocking_connection.BlockingChannel, messages: int) -> None:
        for _ in range(messages):
            channel.basic_publish("", self.queue, b"message", _PERSISTENT)
        self._ends_step(channel)

    def _fetches(self) -> int:
        found, _, _ = self.two.basic_get(self.queue)
        self._ends_step(self.two)
        tag: int = found.delivery_tag
        return tag

    def _ends_step(self, channel: pika.adapters.blocking_connection.BlockingChannel) -> None:
        if self.counts:
            channel.queue_declare(self.queue, passive=True)
