"""`python -m reference.worker` works on tasks, one at a time, until it is told to stop.

- A task is acknowledged when its work is done. A worker that is killed before that loses nothing.
- A task that fails is logged and rejected: dead-lettered if the queue has a dead-letter exchange, and never
  retried. How often a task that kills its worker is redelivered depends on the queue: a quorum queue has a
  delivery limit (20 by default from RabbitMQ 4.0; before, set it by a policy), a classic queue has none.
- SIGINT or SIGTERM: it finishes the task in hand and exits 0. If that takes longer than WORKER_GRACE_SECONDS
  (30), or if a second signal comes, it exits non-zero without acknowledging, so that the task is ready again.
  If it has no task, it waits at most one second for a broker that does not answer, and then exits 0.
- If it loses the broker, it tries again for WORKER_PATIENCE_SECONDS (60) with growing delays; then it exits 1.
- If the broker refuses for good, for example because the queue was declared differently, it exits 1 at once.
"""

import functools
import logging
import os
import signal
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Any

from pika.exceptions import AMQPError, AMQPHeartbeatTimeout, ConnectionWrongStateError

from .deadlines import CLOSING, delays, exit_after
from .task_queue import TASK_QUEUE, connect, declare, parameters, refusal, set_up_output

SECONDS_PER_DOT = float(os.environ.get("TASK_SECONDS_PER_DOT", "1"))
GRACE = float(os.environ.get("WORKER_GRACE_SECONDS", "30"))
PATIENCE = float(os.environ.get("WORKER_PATIENCE_SECONDS", "60"))
TICK = 0.1
"""Seconds within which a signal is noticed. Frames and finished work are noticed at once."""

TEMPORARY = {404, 541}
"""Reply codes to a declaration while a cluster loses or regains a node: worth another attempt."""

log = logging.getLogger(__package__)
say = functools.partial(print, flush=True)


def work(text: str) -> None:
    """The work of a task: put your own here. It runs in a thread, and never touches the connection (W26)."""
    time.sleep(text.count(".") * SECONDS_PER_DOT)
    if "error" in text:
        raise RuntimeError("the task holds the word 'error'")


class Worker:
    """Subscribes, works on one task after the other, and subscribes again if it loses the subscription."""

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(max_workers=1)
        self.stopping = False
        self.waits_for_broker = False
        self.subscribed_at: float | None = None
        self.cancelled = False

    def stop(self, signal_number: int, _frame: object) -> None:
        """Handles a signal: the first ends the worker after the task in hand (W19), the second ends it at once."""
        if self.stopping:
            os._exit(128 + signal_number)
        self.stopping = True
        exit_after(GRACE, f"left without acknowledging: not finished within {GRACE:g} s")  # W20
        if self.waits_for_broker:
            self.exit_soon()

    def exit_soon(self) -> None:
        """Ends the worker, which has no task, if the broker does not answer (W35)."""
        exit_after(
            CLOSING, "left: the broker does not answer", status=0, unless=lambda: not self.waits_for_broker
        )

    def run(self) -> int:
        """Subscribes, and again each time the subscription ends (W13-W16, W24). Returns the exit status."""
        waits, delay = delays(PATIENCE), 0.0
        while True:
            self.subscribed_at, self.cancelled = None, False
            reason: object = "the broker cancelled the subscription"
            try:
                self.serve()
            except (AMQPError, OSError) as error:
                reason = error
                final = self.subscribed_at is None and getattr(error, "reply_code", None) not in TEMPORARY
                if final and (words_of_broker := refusal(error)):
                    log.error("refused: %s", words_of_broker)  # W33
                    return 1
            if self.stopping:
                return 0
            if self.subscribed_at is not None and time.monotonic() - self.subscribed_at > delay:
                # It was subscribed for longer than it had waited, so it starts with short delays again.
                waits = delays(PATIENCE)
            delay = next(waits, 0.0)
            if not delay:
                log.error("gave up: %r", reason)
                return 1
            log.warning("%r; subscribing again in %.1f s", reason, delay)
            end = time.monotonic() + delay
            while time.monotonic() < end and not self.stopping:
                time.sleep(min(TICK, delay))

    def serve(self) -> None:
        """Works on one task after the other, until told to stop or until the broker cancels the subscription."""
        self.waits_for_broker = True
        with connect(parameters()) as connection:
            watch_for_silence(connection)
            channel = connection.channel()
            inbox = self.subscribe(channel)
            self.waits_for_broker = False
            say(" [*] Waiting for messages. To exit press CTRL+C")
            try:
                while not self.cancelled:
                    # Read before listening: a task that came before the signal is still worked on.
                    leaving = self.stopping
                    listen(channel)
                    if inbox:
                        self.handle(*inbox.pop())
                    elif leaving:
                        return
            finally:
                self.waits_for_broker = True  # until the connection is closed
                if self.stopping:
                    self.exit_soon()

    def subscribe(self, channel: Any) -> list[Any]:
        """Declares the queue and subscribes to it. Returns the list to which each delivery is appended."""
        declare(channel)
        channel.basic_qos(prefetch_count=1)  # before basic_consume: it applies to new consumers only (W02)
        channel.add_on_cancel_callback(self.on_cancel)
        inbox: list[Any] = []
        channel.basic_consume(TASK_QUEUE, lambda *delivery: inbox.append(delivery))
        self.subscribed_at = time.monotonic()
        return inbox

    def handle(self, channel: Any, delivery: Any, _properties: object, body: bytes) -> None:
        """Does the work in the thread, while pika goes on with heartbeats (W12), and settles the task."""
        text = body.decode(errors="replace")  # W23
        say(f" [x] Received {text!r}")
        task = self.thread.submit(work, text)
        task.add_done_callback(functools.partial(wake, channel.connection))
        try:
            while not task.done():
                listen(channel)
        finally:
            wait([task])  # even if channel or connection is lost: one task at a time (W31)
        # Once cancelled, the task is no longer ours: its queue is gone, or it timed out (RabbitMQ 4.3).
        if not self.cancelled:
            self.settle(channel, delivery, text, task.exception())

    def settle(self, channel: Any, delivery: Any, text: str, error: BaseException | None) -> None:
        """Acknowledges a task that is done, and rejects a task that failed."""
        if self.stopping:
            channel.basic_cancel(delivery.consumer_tag)  # else the acknowledgement brings the next task (W19)
        if error:
            log.error("task %r failed and is given up", text, exc_info=error)  # W10
            channel.basic_reject(delivery.delivery_tag, requeue=False)
        else:
            say(" [x] Done")
            channel.basic_ack(delivery.delivery_tag)

    def on_cancel(self, _method: object) -> None:
        """Called when the broker has cancelled the subscription (W13, W14)."""
        self.cancelled = True


def listen(channel: Any) -> None:
    """Lets pika send and receive, for a tick or until something happens.

    Raises the reason if the broker has closed the channel: the subscription is over, and no delivery tag of
    that channel may be used any more (W13, W17).
    """
    channel.connection.process_data_events(time_limit=TICK)
    if channel.is_closed:
        raise channel._closing_reason  # pika has no public name for it


def wake(connection: Any, _task: Future[None]) -> None:
    """Ends the wait in `process_data_events`. This is the only call that pika allows from another thread."""
    with suppress(ConnectionWrongStateError):
        connection.add_callback_threadsafe(lambda: None)


def watch_for_silence(connection: Any) -> None:
    """Drops a connection on which nothing has come for two heartbeats; so it notices within three (W25).

    pika itself checks every `heartbeat + 5` seconds: soon enough for the usual 60 s, too late for a few seconds.
    """
    impl = connection._impl  # pika has no public way to drop a connection without waiting for the peer
    heartbeat = impl.params.heartbeat
    received, since = -1, 0.0

    def check() -> None:
        nonlocal received, since
        if impl.bytes_received != received:
            received, since = impl.bytes_received, time.monotonic()
        elif time.monotonic() - since > 2 * heartbeat:
            impl._terminate_stream(AMQPHeartbeatTimeout(f"nothing heard for two heartbeats of {heartbeat} s"))
            return
        connection.call_later(heartbeat / 4, check)

    if heartbeat:
        check()


def main() -> int:
    """Runs a worker until a signal or the broker's refusal ends it, or it gives up. Returns the exit status."""
    set_up_output()
    worker = Worker()
    signal.signal(signal.SIGINT, worker.stop)
    signal.signal(signal.SIGTERM, worker.stop)
    return worker.run()


if __name__ == "__main__":
    sys.exit(main())
