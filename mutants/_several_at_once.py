"""A worker that holds several tasks and works on some of them at once: the reference with threads.

Its threads hand each result to the connection's event loop, so tasks are acknowledged in the order in which they
are done. On SIGTERM it finishes the tasks at work; those that wait go back to the queue with its channel.
"""

import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from pika.exceptions import ConnectionWrongStateError

from reference import worker
from reference.task_queue import TASK_QUEUE, connect, declare, parameters

PREFETCH = 8
CONCURRENCY = 4


class Worker(worker.Worker):
    """Holds at most `prefetch` tasks and works on at most `concurrency` of them."""

    prefetch = PREFETCH
    concurrency = CONCURRENCY

    def __init__(self) -> None:
        super().__init__()
        self.threads = ThreadPoolExecutor(self.concurrency)
        self.waiting: deque[Any] = deque()
        """The deliveries in hand that it does not work on yet."""
        self.tasks: list[Future[None]] = []
        """What its threads work on, tasks of a lost connection too."""

    def subscribe(self, channel: Any) -> Any:
        """Declares the queue and subscribes to it; each delivery is appended to `waiting`."""
        declare(channel)
        self.limit(channel)
        channel.add_on_cancel_callback(self.on_cancel)
        self.waiting = deque()
        channel.basic_consume(TASK_QUEUE, lambda *delivery: self.take(*delivery))
        self.subscribed_at = time.monotonic()
        return self.waiting

    def take(self, *delivery: Any) -> None:
        """Takes a delivery in hand."""
        self.waiting.append(delivery)

    def limit(self, channel: Any) -> None:
        """Sets the prefetch limit of its next consumer."""
        channel.basic_qos(prefetch_count=self.prefetch)

    def serve(self) -> None:
        """Works on tasks until told to stop or until the broker cancels the subscription."""
        self.waits_for_broker = True
        with connect(parameters()) as connection:
            worker.watch_for_silence(connection)
            channel = connection.channel()
            self.subscribe(channel)
            self.waits_for_broker = False
            worker.say(" [*] Waiting for messages. To exit press CTRL+C")
            mine: set[int] = set()
            leaves = False
            try:
                while not self.cancelled:
                    worker.listen(channel)
                    if self.stopping and not leaves:
                        leaves = True
                        self.leave(channel)
                    if leaves and not mine:
                        return
                    while self.waiting and not leaves and self.has_a_free_thread():
                        self.begin(*self.waiting.popleft(), mine)
            finally:
                self.waits_for_broker = True
                if self.stopping:
                    self.exit_soon()

    def has_a_free_thread(self) -> bool:
        """Whether it may work on one more task."""
        self.tasks = self.at_work()
        return len(self.tasks) < self.concurrency

    def at_work(self) -> list[Future[None]]:
        """What its threads have not finished."""
        return [task for task in self.tasks if not task.done()]

    def leave(self, channel: Any) -> None:
        """Ends the subscription when it is told to stop."""
        for tag in channel.consumer_tags:
            channel.basic_cancel(tag)

    def begin(self, channel: Any, delivery: Any, _properties: object, body: bytes, mine: set[int]) -> None:
        """Has a thread do the task."""
        text = body.decode(errors="replace")
        worker.say(f" [x] Received {text!r}")
        mine.add(delivery.delivery_tag)
        task = self.threads.submit(worker.work, text)

        self.tasks.append(task)

        def settle() -> None:
            mine.discard(delivery.delivery_tag)
            if channel.is_open and not self.cancelled:
                self.settle(channel, delivery, text, task.exception())

        def done(_: object) -> None:
            with suppress(ConnectionWrongStateError):  # the connection is lost, and the task is requeued
                channel.connection.add_callback_threadsafe(settle)

        task.add_done_callback(done)

    def settle(self, channel: Any, delivery: Any, text: str, error: BaseException | None) -> None:
        """Acknowledges a task that is done, and rejects a task that failed."""
        if error:
            worker.log.error("task %r failed and is given up", text, exc_info=error)
            channel.basic_reject(delivery.delivery_tag, requeue=False)
        else:
            worker.say(f" [x] Done {text!r}")
            self.acknowledge(channel, delivery.delivery_tag)

    def acknowledge(self, channel: Any, tag: int) -> None:
        """Acknowledges a task that is done."""
        channel.basic_ack(tag)


def run(kind: type[Worker]) -> int:
    """Runs a worker of this kind. Returns the exit status."""
    worker.Worker = kind  # type: ignore[misc]
    return worker.main()
