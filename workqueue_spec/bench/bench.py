"""The bench of one test: a virtual host of its own, its history, and the parties brought to it."""

import contextlib
import functools
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pika
import pika.exceptions

from ..broker import Address, Broker
from ..broker.control import Control, Counts
from ..broker.run import Run, kill_marked
from ..judgement.history import Event, History
from ..judgement.ledger import Delivery, Ledger, ledger
from ..judgement.tasks import Task, new_task
from ..judgement.verdicts import Broken, NotJudged, Verdict, judge
from ..judgement.verdicts.always import broken_by_producer, broken_by_worker
from ..programs.command import Command, without_secrets
from ..programs.envelope import Message, message_of, plain
from ..programs.fixed_address import Placement, Placements
from ..programs.process import Process
from ..programs.subject import Subject
from ..timeouts import EVENTUALLY, POLL, QUIET
from ..wiretap import LoopThread, Tap, into_virtual_host
from .broker_profiles import BrokerProfile, recognise
from .parties import Client, Production, Worker
from .shared_vhost import upstream

Faults = Callable[[Tap], object]
"""What is done to a party's tap before the party comes."""


@dataclass(frozen=True)
class Setting:
    """What all the benches of a run have in common."""

    run: Run
    loop_thread: LoopThread
    subject: Subject
    placements: Placements
    queue_type: str
    seed: int
    lies: Faults | None = None
    """What a lying broker does on every tap; None: it is as true as it is."""


class Bench:
    """Brings parties together before a broker, and waits for what they do."""

    def __init__(
        self,
        setting: Setting,
        broker: Broker,
        address: Address,
        virtual_host: str,
        name: str,
        test: str,
        wrap: Callable[[str], Message] = plain,
    ) -> None:
        """`address` and `virtual_host` are its room at the broker; no other bench of the run has its `name`,
        and what it sends is drawn for the `test`. `wrap` makes a message of a task's text.
        """
        self.setting = setting
        self.name = name
        self.subject = setting.subject
        self.broker = broker
        self.virtual_host = virtual_host
        self.history = History()
        self.random = random.Random(f"{setting.seed} {test}")
        self._wrap = wrap
        self.control = Control(address, virtual_host)
        self._address = address
        self._processes: list[Process] = []
        self._clients: list[Client] = []
        self._taps: list[Tap] = []
        self._placements: dict[str, Placement] = {}
        self._numbers: dict[str, int] = {}
        self._unreachable = False
        self._tasks: list[Task] = []

    # Bringing parties

    def start_worker(self, *, ready: bool = True, faults: Faults | None = None) -> Worker:
        """Starts the worker under test and waits until it asks for tasks (unless told otherwise).

        Faults are laid on its tap before it starts.
        """
        who, tap = self._place("worker", faults)
        process = self._start(who, self.subject.worker, self._url(tap))
        worker = Worker(process, tap, self.history, self.subject.seconds_per_dot)
        worker.queue = self.subject.queue
        if ready:
            worker.asks_for_tasks(self.subject.start_seconds)
        return worker

    def produce(
        self, *words: str, faults: Faults | None = None, url: Callable[[str], str] | None = None
    ) -> Production:
        """Starts the producer under test with these words; faults are laid on its tap before it starts.

        `url` makes the URL that it is given from the right one.
        """
        who, tap = self._place("producer", faults)
        given = self._url(tap) if url is None else url(self._url(tap))
        process = self._start(who, self.subject.producer, given, words)
        subject = self.subject
        return Production(process, tap, self.history, subject.seconds_per_dot, subject.start_seconds)

    def connect(self, *, heartbeat: int = 0) -> Client:
        """A client of the suite's own, behind a tap; with heartbeats of so many seconds, or without."""
        who, tap = self._place("client")
        queue_type = self.setting.queue_type
        client = Client(who, self._url(tap), tap, self.history, queue_type, self.random, heartbeat)
        self._clients.append(client)
        return client

    def _place(self, role: str, faults: Faults | None = None) -> tuple[str, Tap]:
        self._numbers[role] = self._numbers.get(role, 0) + 1
        who = f"{role} {self._numbers[role]}"
        address = None
        if role != "client":
            self._placements[who] = self.setting.placements(self.setting.run.mark(f"{self.name}/{who}"))
            address = self._placements[who].address
        tap = self.setting.loop_thread.tap(
            upstream(self._address), lambda wire: self.history.add_wire(who, wire), address
        )
        tap.rewrite(into_virtual_host(self.virtual_host))
        self._taps.append(tap)
        if self._unreachable:
            tap.refuse()
        for each in (self.setting.lies, faults):
            if each is not None:
                each(tap)
        return who, tap

    def _url(self, tap: Tap) -> str:
        return self._address.url(self.virtual_host, host=tap.host, port=tap.port)

    def _start(self, who: str, command: Command, url: str, words: Sequence[str] = ()) -> Process:
        run = self.setting.run
        variables = self.subject.variables(url, words, TMPDIR=str(run.temporary))
        placement = self._placements[who]
        places = self.subject.places(url)
        process = Process(
            who,
            placement.command(command.filled(places, words)),
            {**variables, **run.environment(f"{self.name}/{who}")},
            command.folder,
            self.history,
            shown=" ".join(command.filled({**places, **without_secrets(places)}, words)),
            terminal=self.subject.terminal,
            held_open=self.subject.standard_input == "open",
        )
        placement.started(process.pid)
        self._processes.append(process)
        return process

    def published(self, texts: Sequence[str]) -> list[Message]:
        """What the producer under test publishes for each of the texts, one run for each, all at once.

        Where it publishes nothing, a worker may have to declare the queue first. Raises NotJudged where it
        publishes nothing then either.
        """
        for prepare in (None, self.start_worker):
            if prepare is not None:
                prepare().kill()
            found = [each.ledger.carrying(text.encode()) for text, each in self._run_producers(texts)]
            if all(found):
                return [message_of(each[0]) for each in found]
        raise NotJudged("tasks are to be wrapped by the program's own producer, and it publishes none")

    def _run_producers(self, texts: Sequence[str]) -> list[tuple[str, Production]]:
        producing = [(text, self.produce(*text.split(" "))) for text in texts]
        for _, each in producing:
            each.runs_its_course()
            each.process.end()
        return producing

    # Tasks

    def task(self, dots: int = 0, *, words: int | None = None, also: str = "") -> Task:
        """A new task, not sent yet."""
        task = new_task(dots, random=self.random, words=words, also=also)
        self._tasks.append(task)
        return task

    def send(
        self,
        dots: int = 0,
        *,
        words: int | None = None,
        also: str = "",
        properties: Mapping[str, Any] = MappingProxyType({}),
        with_id: bool = False,
    ) -> Task:
        """Puts a new task on the queue that the program under test has declared; its message has these properties
        beside those that the producer gives it.

        `with_id`: its message has a `message_id` that no other message has, if the producer gives it none.
        """
        task = self.task(dots, words=words, also=also)
        besides = {**_id_of(task, with_id), **properties}
        shown = f"{task}, with {', '.join(besides)}" if besides else str(task)
        self.put(self.message(task).with_also(besides), shown=shown)
        return task

    def send_together(self, *dots: int, with_id: bool = False) -> list[Task]:
        """Puts new tasks on the queue, one right behind the other: each is wrapped before the first is put.

        `with_id` as for `send`.
        """
        tasks = [self.task(each) for each in dots]
        messages = [self.message(task).with_also(_id_of(task, with_id)) for task in tasks]
        for task, message in zip(tasks, messages, strict=True):
            self.put(message, shown=str(task))
        return tasks

    def send_failing(
        self,
        dots: int = 0,
        *,
        words: int | None = None,
        properties: Mapping[str, Any] = MappingProxyType({}),
        with_id: bool = False,
    ) -> Task:
        """Puts a task on the queue that fails whenever it is worked on; the rest is as for `send`."""
        if not self.subject.failing_word:
            raise NotJudged("no task can be made to fail in this program")
        word = self.subject.failing_word
        return self.send(dots, words=words, also=word, properties=properties, with_id=with_id)

    def message(self, task: Task) -> Message:
        """The message that carries the task to the worker under test."""
        return self._wrap(task.text)

    def put(self, message: Message, *, shown: str = "") -> None:
        """Puts any message on the queue that the program under test has declared."""
        try:
            with self.control.channel() as channel:
                channel.confirm_delivery()
                # By the default exchange, which is there whatever has become of the producer's own.
                channel.basic_publish("", self.subject.queue, message.body, message.as_pika(), mandatory=True)
        except pika.exceptions.UnroutableError as error:
            raise Broken(f"the queue '{self.subject.queue}' is there", "no such queue") from error
        self.history.add("suite", "sent", shown or repr(message.body[:60]))

    def send_endless(self, *, with_id: bool = False) -> Task:
        """Puts a task on the queue that takes longer than anything the test waits for; `with_id` as for `send`."""
        return self.send(self.subject.dots(4 * EVENTUALLY), with_id=with_id)

    # Looking back

    def broken_promises(self) -> Iterator[tuple[str, Verdict]]:
        """The clauses that a program broke so far of those that hold all the time, each with what was seen."""
        events, queue = self.history.events, self.subject.queue
        work = [(task, task.dots * self.subject.seconds_per_dot) for task in self._tasks]
        for role, count in self._numbers.items():
            for who in (f"{role} {number}" for number in range(1, count + 1)):
                mine = [event for event in events if event.who == who]
                if role == "worker":
                    yield from broken_by_worker(ledger(mine).about(queue), mine, queue, work)
                elif role == "producer":
                    yield from broken_by_producer(ledger(mine), queue)

    # Waiting

    @property
    def ledger(self) -> Ledger:
        """What all the parties did so far with the queue under test."""
        return ledger(self.history.events).about(self.subject.queue)

    def eventually(self, question: Callable[[], Verdict]) -> None:
        """Waits until the verdict holds; broken if it does not in time."""
        self.history.wait(lambda _: question(), EVENTUALLY)
        judge(question())

    def stays(self, question: Callable[[], Verdict], seconds: float = QUIET) -> None:
        """The verdict holds, and goes on to hold for so many seconds (the time in which things are watched to
        stay quiet).
        """
        self.history.wait(lambda _: not question(), seconds)
        judge(question())

    def delivered(self, task: Task) -> Delivery:
        """Waits until the task is delivered to somebody, and returns the latest delivery."""
        return self._somebody(lambda delivery: True, task, "is delivered to")

    def finished(self, task: Task) -> Delivery:
        """Waits until somebody has acknowledged the task; broken at once if it is taken in no-ack mode."""
        expected = "is acknowledged by"
        delivery = self._somebody(lambda each: each.acknowledged or each.no_ack, task, expected)
        if delivery.no_ack:
            raise Broken(f"task {task.token} {expected} somebody", f"{delivery.who} took it in no-ack mode")
        return delivery

    def _somebody(self, right: Callable[[Delivery], bool], task: Task, expected: str) -> Delivery:
        def found(events: Sequence[Event]) -> list[Delivery]:
            return [delivery for delivery in ledger(events).of(task.mark) if right(delivery)]

        within = EVENTUALLY + task.dots * self.subject.seconds_per_dot
        deliveries = self.history.wait(found, within)
        if not deliveries:
            raise Broken(f"task {task.token} {expected} somebody", f"it was not within {within:.0f} s")
        return deliveries[-1]

    def queue(self) -> Counts | None:
        """The counts of the queue under test, or None where it is not there."""
        return self.control.counts(self.subject.queue)

    def queue_becomes(self, ready: int, queue: str | None = None) -> None:
        """Waits until the queue has exactly that many messages ready for delivery."""
        self._becomes(lambda counts: counts.ready == ready, f"{ready} messages ready", queue)

    def is_left_by_consumers(self, queue: str) -> None:
        """Waits until the queue has no consumer any more."""
        self._becomes(lambda counts: counts.consumers == 0, "no consumer", queue)

    def _becomes(self, right: Callable[[Counts], bool], expected: str, queue: str | None) -> None:
        name = queue or self.subject.queue
        deadline = time.monotonic() + EVENTUALLY
        while (counts := self.control.counts(name)) is None or not right(counts):
            if time.monotonic() > deadline:
                there = counts and f"{counts.ready} ready, {counts.consumers} consumers"
                raise Broken(f"{expected} on '{name}'", there or "no such queue")
            time.sleep(POLL)

    def yields(self, task: Task) -> Delivery:
        """The task is on the queue under test: a client that consumes it now gets it."""
        if self.queue() is None:
            raise Broken(f"task {task.token} on '{self.subject.queue}'", "no such queue")
        taker = self.connect()
        taker.consumes(self.subject.queue)
        return taker.receives(task)

    # The broker

    @functools.cached_property
    def profile(self) -> BrokerProfile:
        """What is to be expected of this broker where brokers differ, for queues of the run's type."""
        return recognise(self.control, self.broker.product, self.setting.queue_type)

    @contextlib.contextmanager
    def broker_unreachable(self) -> Iterator[None]:
        """Every attempt to connect is refused, as when the broker is down. Open connections stay open."""
        self._unreachable = True
        for tap in self._taps:
            tap.refuse()
        self.history.add("broker", "unreachable")
        try:
            yield
        finally:
            self._unreachable = False
            for tap in self._taps:
                tap.accept()
            self.history.add("broker", "reachable")

    def restart_broker(self) -> None:
        """Stops the broker gracefully and starts it again."""
        with self.broker_unreachable():
            self.broker.restart()

    def kill_broker(self) -> None:
        """SIGKILL to the broker, then starts it again with what it had on disk."""
        with self.broker_unreachable():
            self.broker.kill()
            self.broker.start()

    def close(self) -> None:
        """Ends everybody for good."""
        for process in self._processes:
            process.end()
        if self._processes:
            kill_marked(self.setting.run.name, self.name)
        for client in self._clients:
            client.close()
        for tap in self._taps:
            tap.close()
        for placement in self._placements.values():
            placement.close()
        self.control.close()


def _id_of(task: Task, with_id: bool) -> dict[str, str]:
    """The properties that give the task's message an id of its own, or none."""
    return {"message_id": f"id of {task.token}"} if with_id else {}
