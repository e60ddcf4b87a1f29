"""Works on tasks, one at a time, until it is told to stop: `python -m reference.worker`

- A task counts as done when its work is: then it is acknowledged. Killed before, the worker loses nothing.
- A task that fails is logged and rejected: dead-lettered if the queue has a dead-letter exchange, and never
  retried. How often a task that kills its worker comes again is up to the queue: a quorum one has a delivery
  limit (20 by default from RabbitMQ 4.0; before, set it by a policy), a classic one has none.
- SIGINT or SIGTERM: it finishes the task in hand and exits 0. If that takes longer than WORKER_GRACE_SECONDS
  (30), or at a second signal, it leaves without acknowledging, so that the task is ready again, and exits
  non-zero. Without a task it waits for one second at most for a broker that says nothing.
- A lost broker is waited for, for WORKER_PATIENCE_SECONDS (60) with growing delays; then it exits 1.
- What the broker refuses for good, such as a queue declared otherwise, ends it at once with status 1.
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

from .patience import CLOSING, delays, leave_after
from .task_queue import TASK_QUEUE, connect, declare, parameters, refusal, set_up_output

SECONDS_PER_DOT = float(os.environ.get("TASK_SECONDS_PER_DOT", "1"))
GRACE = float(os.environ.get("WORKER_GRACE_SECONDS", "30"))
PATIENCE = float(os.environ.get("WORKER_PATIENCE_SECONDS", "60"))
TICK = 0.1
"""Seconds after which a signal is noticed at the latest. Frames and finished work are noticed at once."""

MAY_PASS = {404, 541}
"""What a cluster may reply to a declaration while it loses or regains a node: worth another attempt."""

log = logging.getLogger(__package__)
say = functools.partial(print, flush=True)


def work(text: str) -> None:
    """The task itself: put your own here. It runs in a thread, and never touches the connection (W26)."""
    time.sleep(text.count(".") * SECONDS_PER_DOT)
    if "error" in text:
        raise RuntimeError("the task holds the word 'error'")


class Worker:
    """One subscription after the other, and on each of them one task after the other."""

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(max_workers=1)
        self.stopping = False
        self.waits_for_broker = False
        self.subscribed_at: float | None = None
        self.cancelled = False

    def stop(self, signal_number: int, _frame: object) -> None:
        """Asks the worker to leave: after the task in hand the first time (W19), at once the second."""
        if self.stopping:
            os._exit(128 + signal_number)
        self.stopping = True
        leave_after(GRACE, f"left without acknowledging: not finished within {GRACE:g} s")  # W20
        if self.waits_for_broker:
            self.leave_soon()

    def leave_soon(self) -> None:
        """Ends the worker, which has no task, if the broker goes on saying nothing (W35)."""
        leave_after(
            CLOSING, "left: no word from the broker", status=0, unless=lambda: not self.waits_for_broker
        )

    def run(self) -> int:
        """Subscribes, and again whenever the subscription ends (W13-W16, W24). Returns the exit status."""
        waits, delay = delays(PATIENCE), 0.0
        while True:
            self.subscribed_at, self.cancelled = None, False
            reason: object = "the broker cancelled the subscription"
            try:
                self.serve()
            except (AMQPError, OSError) as error:
                reason = error
                final = self.subscribed_at is None and getattr(error, "reply_code", None) not in MAY_PASS
                if final and (words_of_broker := refusal(error)):
                    log.error("refused: %s", words_of_broker)  # W33
                    return 1
            if self.stopping:
                return 0
            if self.subscribed_at is not None and time.monotonic() - self.subscribed_at > delay:
                waits = delays(PATIENCE)  # it was worth the wait: begin anew with a short one
            delay = next(waits, 0.0)
            if not delay:
                log.error("gave up: %r", reason)
                return 1
            log.warning("%r; subscribing again in %.1f s", reason, delay)
            end = time.monotonic() + delay
            while time.monotonic() < end and not self.stopping:
                time.sleep(min(TICK, delay))

    def serve(self) -> None:
        """Takes one task after the other, until told to stop or until the broker cancels the subscription."""
        self.waits_for_broker = True
        with connect(parameters()) as connection:
            watch_for_silence(connection)
            channel = connection.channel()
            inbox = self.subscribe(channel)
            self.waits_for_broker = False
            say(" [*] Waiting for messages. To exit press CTRL+C")
            try:
                while not self.cancelled:
                    leaving = (
                        self.stopping
                    )  # asked before listening: what came before the signal is worked on
                    listen(channel)
                    if inbox:
                        self.attend(*inbox.pop())
                    elif leaving:
                        return
            finally:
                self.waits_for_broker = True  # for its word that the connection is closed
                if self.stopping:
                    self.leave_soon()

    def subscribe(self, channel: Any) -> list[Any]:
        """Declares the queue and asks for its tasks. The list that it returns is where they come in."""
        declare(channel)
        channel.basic_qos(prefetch_count=1)  # before the consumer: it holds for those to come (W02)
        channel.add_on_cancel_callback(self.note_cancel)
        inbox: list[Any] = []
        channel.basic_consume(TASK_QUEUE, lambda *delivery: inbox.append(delivery))
        self.subscribed_at = time.monotonic()
        return inbox

    def attend(self, channel: Any, delivery: Any, _properties: object, body: bytes) -> None:
        """Has the work done in the thread, with heartbeats going on meanwhile (W12), and settles the task."""
        text = body.decode(errors="replace")  # W23
        say(f" [x] Received {text!r}")
        task = self.thread.submit(work, text)
        task.add_done_callback(functools.partial(wake, channel.connection))
        try:
            while not task.done():
                listen(channel)
        finally:
            wait([task])  # also where channel or connection is lost: one task at a time (W31)
        if not self.cancelled:  # or it is no longer ours: its queue is gone, or 4.3 found it to take too long
            self.settle(channel, delivery, text, task.exception())

    def settle(self, channel: Any, delivery: Any, text: str, error: BaseException | None) -> None:
        """Tells the broker what became of the task."""
        if self.stopping:
            channel.basic_cancel(delivery.consumer_tag)  # or the acknowledgement brings the next task (W19)
        if error:
            log.error("task %r failed and is given up", text, exc_info=error)  # W10
            channel.basic_reject(delivery.delivery_tag, requeue=False)
        else:
            say(" [x] Done")
            channel.basic_ack(delivery.delivery_tag)

    def note_cancel(self, _method: object) -> None:
        """The broker has ended the subscription (W13, W14)."""
        self.cancelled = True


def listen(channel: Any) -> None:
    """Lets pika send and receive, for a tick or until something happens.

    A channel that the broker closes ends the subscription, and with it every tag that came on it (W13, W17).
    """
    channel.connection.process_data_events(time_limit=TICK)
    if channel.is_closed:
        raise channel._closing_reason  # pika has no public name for it


def wake(connection: Any, _task: Future[None]) -> None:
    """Ends the wait of `process_data_events`. This is the one call that pika allows from another thread."""
    with suppress(ConnectionWrongStateError):
        connection.add_callback_threadsafe(lambda: None)


def watch_for_silence(connection: Any) -> None:
    """Drops a connection on which nothing has come for two heartbeats, and so notices within three (W25).

    pika's own watch looks every `heartbeat + 5` seconds: in time for the usual 60 s, not for a few.
    """
    line = connection._impl  # pika has no public way to drop a connection without waiting for the peer
    heartbeat = line.params.heartbeat
    heard, since = -1, 0.0

    def look() -> None:
        nonlocal heard, since
        if line.bytes_received != heard:
            heard, since = line.bytes_received, time.monotonic()
        elif time.monotonic() - since > 2 * heartbeat:
            line._terminate_stream(AMQPHeartbeatTimeout(f"nothing heard for two heartbeats of {heartbeat} s"))
            return
        connection.call_later(heartbeat / 4, look)

    if heartbeat:
        look()


def main() -> int:
    """Runs a worker until a signal or a broker's refusal ends it."""
    set_up_output()
    worker = Worker()
    signal.signal(signal.SIGINT, worker.stop)
    signal.signal(signal.SIGTERM, worker.stop)
    return worker.run()


if __name__ == "__main__":
    sys.exit(main())
