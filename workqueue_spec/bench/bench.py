"""The bench: the whole world of one test, and the only thing that a test is given.

How it works. A bench has a virtual host of its own at the broker. Each party (a worker, a run of the producer, a
client of the suite) connects to a tap of its own, which passes the bytes on to that virtual host. The taps report
every frame to the history, and each process reports its output, its signals and its end. Whenever a question is
asked, the ledger reads what is new in the history: who declared, published, took and settled what. Nothing waits
by sleeping: a question is asked again after each event, until its answer is true or a deadline has passed.
Verdicts judge ledgers.

What is ugly. A queue's counts are no events, so `queue_becomes` polls them, on a connection that uses no tap. A
ledger is living: it grows when it is asked for again, so a test that compares before and after takes a copy.
`Bench` inherits its verbs (from `Sending` and `Waiting`), so that a test says `bench.send`, with no second name.
"""

import contextlib
import functools
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, TypeVar

from ..judgement.forecast import Foreseen, foresee
from ..judgement.tasks import Task
from ..judgement.verdicts import Broken, NotJudged, Verdict
from ..judgement.verdicts.always import broken_by_producer, broken_by_worker
from ..programs.command import filled
from ..programs.process import Process
from ..timeouts import LEAVES
from .broker_profiles import BrokerProfile, recognise
from .parties import Client, PlainClient, ProducerRun, Program, Receiver, Sender, Service, Worker
from .sending import Sending
from .setting import Faults
from .waiting import Waiting

AnyClient = TypeVar("AnyClient", bound=Client)

PROGRAMS = ("producer", "service", "worker")
"""The roles of programs under test, as the names of parties have them."""


class Bench(Sending, Waiting):
    """Starts the programs under test, connects the suite's clients, and disturbs the broker."""

    # Parties

    def start_worker(
        self, *, ready: bool = True, faults: Faults | None = None, url: Callable[[str], str] | None = None
    ) -> Worker:
        """Starts the worker under test, with these faults on its tap. If `ready`, waits until it asks for tasks.
        `url` makes the URL that the worker is given from the right one.
        """
        self.load_definitions()
        name, tap = self._resources.open_tap("worker", faults)
        right = self._resources.url(tap)
        process = self._resources.start(name, self.subject.worker, right if url is None else url(right))
        worker = Worker(process, tap, self.history, self.subject.seconds_per_dot)
        worker.queue, worker.other_queues = self.subject.queue, self.subject.other_queues
        if ready:
            worker.asks_for_tasks(self.subject.start_seconds)
        return worker

    def produce(
        self, *words: str, faults: Faults | None = None, url: Callable[[str], str] | None = None
    ) -> ProducerRun:
        """Starts the producer under test with these words, with these faults on its tap. `url` makes the URL that
        the producer is given from the right one.

        If the producer is a service, this asks the service for a task. All requests go to one service, which is
        started again if it has ended. Faults and a URL are there before a program connects, so a request with them
        gets a service of its own.
        """
        if self.subject.service is not None:
            if faults is None and url is None:
                if self._service is None or not self._service.running:
                    self._service = self.start_service()
                service = self._service
            else:
                service = self.start_service(faults=faults, url=url)
            return service.is_asked(*words)
        self.load_definitions()
        name, tap = self._resources.open_tap("producer", faults)
        right = self._resources.url(tap)
        given = right if url is None else url(right)
        process = self._resources.start(name, self.subject.producer, given, words)
        subject = self.subject
        return ProducerRun(process, tap, self.history, subject.seconds_per_dot, subject.start_seconds)

    def start_service(
        self, *, faults: Faults | None = None, url: Callable[[str], str] | None = None
    ) -> Service:
        """Starts the service under test, with these faults on its tap, and waits until it is ready, or ends, or has
        had the time for its start. `url` makes the URL that it is given from the right one.

        Raises NotJudged if the producer is no service.
        """
        kind = self.subject.service
        if kind is None:
            raise NotJudged("the producer is no service")
        self.load_definitions()
        name, tap = self._resources.open_tap("service", faults)
        right, port = self._resources.url(tap), self._resources.service_port()
        given = right if url is None else url(right)

        def ask(service: str, words: Sequence[str]) -> Process:
            request = self._resources.new_name("request")
            return self._resources.start(
                request, self.subject.producer, given, words, service_port=port, of_service=service
            )

        process = self._resources.start(name, kind.command, given, service_port=port)
        ready_url = filled(kind.ready_url, self.subject.placeholders(given, port))
        service = Service(process, tap, self.history, kind, url=ready_url, port=port, start=ask)
        self._services.append(service)
        service.becomes_ready(self.subject.start_seconds)
        return service

    def connect(self) -> Client:
        """Connects a client of the suite, for questions about queues."""
        return self._connect(Client)

    def connect_sender(self) -> Sender:
        """Connects a client of the suite that publishes."""
        return self._connect(Sender)

    def connect_receiver(self, *, heartbeat: int = 0) -> Receiver:
        """Connects a client of the suite that consumes. `heartbeat` is in seconds; 0 means no heartbeats."""
        return self._connect(Receiver, heartbeat)

    def connect_plainly(self) -> PlainClient:
        """Connects a client of the suite that sends methods one by one, for the model."""
        name, tap = self._resources.open_tap("client")
        client = PlainClient(name, tap, self.history, url=self._resources.url(tap))
        self._clients.append(client)
        return client

    def _connect(self, kind: type[AnyClient], heartbeat: int = 0) -> AnyClient:
        name, tap = self._resources.open_tap("client")
        client = kind(
            name,
            tap,
            self.history,
            url=self._resources.url(tap),
            queue_type=self.setting.queue_type,
            random=self.random,
            heartbeat=heartbeat,
        )
        self._clients.append(client)
        return client

    def queue_delivers(self, *tasks: Task) -> None:
        """Consumes the queue under test until it delivers each of the tasks. Raises Broken if it does not in
        time.
        """
        if self.queue() is None:
            raise Broken(f"task {tasks[0].token} on '{self.subject.queue}'", "no such queue")
        receiver = self.connect_receiver()
        receiver.consumes(self.subject.queue)
        for task in tasks:
            receiver.receives(task)

    # The queue under test

    def delete_queue(self, client: Client) -> float:
        """Has the client delete the queue under test. Returns when it was deleted.

        If somebody else makes the queue, it is made again at once.
        """
        deleted_at = client.deletes(self.subject.queue)
        if self.subject.definitions is not None:
            with self.control.channel() as channel:
                self.subject.definitions.declare(channel)
        return deleted_at

    def declare_otherwise(self, client: Client, **properties: Any) -> None:
        """Has the client declare the queue under test with other properties than programs do, before they come. If
        somebody else makes the queue, this queue takes its place, and is bound as it was.
        """
        queue, definitions = self.subject.queue, self.subject.definitions
        self.load_definitions()
        if definitions is not None and definitions.queue(queue) is not None:
            client.deletes(queue)
        client.declares(queue, **properties)
        for each in definitions.bindings if definitions is not None else ():
            if each.to_queue and each.destination == queue:
                client.binds(queue, each.source, each.routing_key, each.arguments)

    # The broker

    @functools.cached_property
    def broker_profile(self) -> BrokerProfile:
        """What to expect of this broker where brokers differ, for queues of the run's type."""
        return recognise(self.control, self.broker.product, self.setting.queue_type)

    @contextlib.contextmanager
    def broker_unreachable(self) -> Iterator[None]:
        """Every new connection is refused, as when the broker is down. Open connections stay open."""
        with self._unreachable():
            yield

    @contextlib.contextmanager
    def _unreachable(self, why: str = "") -> Iterator[None]:
        """The same. The history shows why."""
        self._resources.refuse_connections()
        self.history.add("broker", "unreachable", why)
        try:
            yield
        finally:
            self._resources.accept_connections()
            self.history.add("broker", "reachable")

    def restart_broker(self) -> None:
        """Stops the broker gracefully and starts it again."""
        with self._unreachable("broker restarts"):
            self.broker.restart()

    def restart_application(self) -> None:
        """Stops RabbitMQ within its node and starts it again: lighter than a restart, and no test of durability."""
        with self._unreachable("broker restarts"):
            self.broker.stop_application()
            self.broker.start_application()

    def kill_broker(self) -> None:
        """Kills the broker with SIGKILL, and starts it again with what it had on disk."""
        with self._unreachable("broker killed, starts again"):
            self.broker.kill()
            self.broker.start()

    def gives_back(self, program: Program) -> None:
        """Closes the tap of a program that has ended, so that a long test does not run out of sockets: now, or when
        this is called again and its connections have ended.
        """
        self._leaving.append(program)
        for each in [each for each in self._leaving if not each.tap.connections]:
            self._leaving.remove(each)
            self._resources.give_back(each.name, each.tap)

    def mark_of(self, party: str) -> str:
        """The mark that the processes of this party carry, those too that left its process group."""
        return self._resources.mark_of(party)

    # The end

    def broken_promises(self) -> Iterator[tuple[str, Verdict]]:
        """The clauses that hold all the time and that a program broke in this test, each with its verdict."""
        queue = self.subject.queue
        work, subject = self.work, self.subject
        for role in PROGRAMS:
            for name in self._resources.parties(role):
                book, events = self.history.ledger(name), self.history.events_of(name)
                if role == "worker":
                    yield from broken_by_worker(
                        book.about(*subject.queues),
                        events,
                        queue,
                        work,
                        prefetch=subject.prefetch,
                        concurrency=subject.concurrency,
                        of_all=self.ledger.deliveries,
                    )
                else:
                    yield from broken_by_producer(book, queue, subject.route)

    def foreseen(self, role: str, but: Collection[str]) -> Iterator[Foreseen]:
        """What the programs in this role did in this test that breaks or changes on a later RabbitMQ. Changes whose
        ids are in `but`, which may grow meanwhile, are not looked for.
        """
        for name in self._resources.parties(role):
            events, book = self.history.events_of(name), self.history.ledger(name)
            yield from foresee(name, events, book, self.setting.queue_type, but=but)

    def close(self) -> None:
        """Ends all programs and closes all connections. Services are told to stop before."""
        for service in self._services:
            service.is_told_to_stop()
        for service in self._services:
            service.process.exit_status(LEAVES)
        self._resources.end_processes()
        for client in self._clients:
            client.close()
        self._resources.close()
        self.control.close()
