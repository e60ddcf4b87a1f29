"""Finds out how a program differs from the contract, by running it, for `./spec profile init`."""

import contextlib
import dataclasses
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pamqp import commands

from ...bench.bench import Bench
from ...bench.parties import Worker
from ...bench.setting import Setting, VirtualHost
from ...broker import Broker
from ...broker.progress import say
from ...broker.run import Run
from ...errors import SetupError
from ...judgement.history import Event
from ...judgement.ledger import Delivery, Publication
from ...judgement.tasks import Task
from ...judgement.verdicts import Broken
from ...judgement.verdicts.failing import no_longer_held, not_handed_on
from ...programs.envelope import message_of
from ...programs.fixed_address import placements, reserve
from ...programs.subject import QUICK, Subject
from ...report.secrets import hide
from ...report.transcript import safe
from ...timeouts import EVENTUALLY
from ...wiretap import LoopThread
from .proposal import proposed
from .several import watched

URLS = (
    "RABBITMQ_URL",
    "RABBITMQ_URI",
    "RABBIT_URL",
    "AMQP_URI",
    "AMQP_DSN",
    "BROKER_URL",
    "CELERY_BROKER_URL",
    "CLOUDAMQP_URL",
    "MESSAGE_BROKER_URL",
    "DRAMATIQ_BROKER_URL",
)
VARIABLES = {
    **dict.fromkeys(URLS, "{url}"),
    **dict.fromkeys(("RABBITMQ_HOST", "RABBIT_HOST", "AMQP_HOST", "BROKER_HOST", "MQ_HOST"), "{host}"),
    **dict.fromkeys(("RABBITMQ_PORT", "RABBIT_PORT", "AMQP_PORT", "BROKER_PORT", "MQ_PORT"), "{port}"),
    **dict.fromkeys(("RABBITMQ_USER", "RABBITMQ_USERNAME", "RABBITMQ_DEFAULT_USER", "AMQP_USER"), "{user}"),
    **dict.fromkeys(
        ("RABBITMQ_PASSWORD", "RABBITMQ_PASS", "RABBITMQ_DEFAULT_PASS", "AMQP_PASSWORD"), "{password}"
    ),
    **dict.fromkeys(("RABBITMQ_VHOST", "RABBITMQ_DEFAULT_VHOST", "AMQP_VHOST"), "{vhost}"),
}
"""Names that programs commonly use for variables that say where their broker is."""
_BEGINNINGS = ("RABBITMQ", "AMQP", "BROKER", "RABBIT", "MQ")
HARD_CODED = ("localhost", 5672)
"""Where a program connects that reads no variable and no argument."""
_PATIENT = 30.0
"""Seconds that a worker may take until it asks for its first task: a JVM that does a lot first takes ten."""
_START_FACTOR = 3
"""How many times longer than seen a start may take: the machine may be busy."""
_SLOWEST = 60.0
"""Seconds that two dots may take. After that, nothing more is to be learned."""
_ASKED_FOR = 2
"""The program obeys TASK_SECONDS_PER_DOT if a dot takes at most this many times what was asked for, and at least
what was asked for divided by this."""


_SLOW_WITHOUT_DOTS = 1.0
"""Seconds that a task without dots may take before it is told: a run has hundreds of them."""


@dataclass(frozen=True)
class Finding:
    """What was found out, and the keys of the profile that say so: none if the program keeps the contract."""

    why: str
    values: Mapping[str, Any]


class Tryout:
    """Starts the programs, each time with an empty virtual host, and changes `subject` by what it learns."""

    def __init__(self, subject: Subject, broker: Broker, run: Run) -> None:
        self.subject = dataclasses.replace(subject, start_seconds=_PATIENT)
        self.findings: list[Finding] = []
        self._broker = broker
        self._run = run
        self._numbers = itertools.count(1)
        self._length_is_unknown = False

    def run(self) -> None:
        """Finds everything out. Raises SetupError if the program cannot be made to work."""
        say("how does the worker find its broker?")
        self._find_a_way_in()
        say("which queue is it, and of which type?")
        self._look_at_the_queue()
        say("how is a task wrapped, and how long does a dot take?")
        self._work_on_tasks()
        say("how many tasks does it hold, and work on, at once?")
        self._watch_several_tasks()

    def _found(self, why: str, **values: Any) -> None:
        self.subject = dataclasses.replace(self.subject, **values)
        self.findings.append(Finding(why, values))

    @contextlib.contextmanager
    def _bench(self, subject: Subject, queue_type: str = "classic") -> Iterator[Bench]:
        name = f"workqueue-spec-{self._run.name}-tryout-{next(self._numbers)}"
        environment = {**subject.environment, "QUEUE_TYPE": queue_type}
        subject = dataclasses.replace(subject, environment=environment)
        with contextlib.ExitStack() as stack:
            if turn := reserve(subject, 0):
                stack.callback(turn.end)
            loop_thread = stack.enter_context(LoopThread())
            made = stack.enter_context(placements(subject, loop_thread))
            setting = Setting(self._run, loop_thread, subject, made, queue_type, seed=0)
            self._broker.create_virtual_hosts([name])
            stack.callback(self._broker.delete_virtual_hosts, [name])
            host = VirtualHost(self._broker.address, name)
            bench = Bench(setting, self._broker, host, name=name, test=name)
            yield stack.enter_context(contextlib.closing(bench))

    def _find_a_way_in(self) -> None:
        ways: list[tuple[dict[str, Any], str]] = [
            ({}, "AMQP_URL, or its command, says where its broker is"),
            ({"environment": {**VARIABLES, **self.subject.environment}}, ""),
            ({"fixed_address": HARD_CODED}, "it connects to this address, whatever it is told"),
        ]
        inputs: list[tuple[dict[str, Any], str]] = [
            ({}, ""),
            ({"standard_input": "open"}, "it ends if there is nothing to read"),
            ({"terminal": True}, "it works on a terminal only"),
        ]
        said = ""
        for (given, why_given), (way, why_way) in itertools.product(inputs, ways):
            asks, said = self._asks_for_tasks(dataclasses.replace(self.subject, **given, **way))
            if asks:
                if given:
                    self._found(why_given, **given)
                if "environment" in way:
                    way, why_way = self._variables_that_it_needs(given), "these say where its broker is"
                self._found(why_way, **way)
                return
        raise SetupError(
            f"The worker asks no broker for tasks, however it is started; it says: {said or 'nothing'}"
        )

    def _asks_for_tasks(self, subject: Subject) -> tuple[bool, str]:
        """Whether its worker asks a broker for tasks; and if not, its last lines of output."""
        with self._bench(subject) as bench:
            worker = bench.start_worker(ready=False)
            worker.queue = None
            with contextlib.suppress(Broken):
                worker.asks_for_tasks(_PATIENT)
                return True, ""
            return False, " / ".join(safe(line) for line in worker.output_lines()[-3:])

    def _variables_that_it_needs(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Leaves out all variables that the program does not need: first half of them at once, then fewer."""

        def environment(names: Sequence[str]) -> dict[str, Any]:
            return {"environment": {**{name: VARIABLES[name] for name in names}, **self.subject.environment}}

        def is_enough(names: Sequence[str]) -> bool:
            return self._asks_for_tasks(dataclasses.replace(self.subject, **given, **environment(names)))[0]

        seen = self._variable_whose_url_it_takes(given)
        if seen and is_enough(seen):
            return environment(seen)
        # A program mostly reads names with the same beginning together.
        families = [[name for name in VARIABLES if name.startswith(f"{each}_")] for each in _BEGINNINGS]
        needed = next((family for family in families if is_enough(family)), list(VARIABLES))
        size = len(needed) // 2
        while size:
            start = 0
            while start < len(needed):
                fewer = needed[:start] + needed[start + size :]
                if is_enough(fewer):
                    needed = fewer
                else:
                    start += size  # needed among more variables, so needed among fewer, too: not asked again
            size //= 2
        return environment(needed)

    def _variable_whose_url_it_takes(self, given: Mapping[str, Any]) -> list[str]:
        """Puts the variable's own name into each URL as the user, and looks who logs in. Empty if nobody does."""
        marked = {name: f"amqp://{name}:none@{{host}}:{{port}}/{{vhost}}" for name in URLS}
        subject = dataclasses.replace(
            self.subject, **given, environment={**VARIABLES, **marked, **self.subject.environment}
        )
        with self._bench(subject) as bench:
            worker = bench.start_worker(ready=False)

            def logged_in(events: Sequence[Event]) -> list[str]:
                methods = [event.wire.method for event in events if event.who == worker.name and event.wire]
                logins = [each.response for each in methods if isinstance(each, commands.Connection.StartOk)]
                return [name for name in URLS if any(f"\0{name}\0" in str(login) for login in logins)]

            bench.history.wait(
                lambda events: any(each.what in ("Connection.StartOk", "exited") for each in events), _PATIENT
            )
            return logged_in(bench.history.events)

    def _look_at_the_queue(self) -> None:
        declared: list[str] = []
        for queue_type in ("classic", "quorum"):
            with self._bench(self.subject, queue_type) as bench:
                worker = bench.start_worker(ready=False)
                if queue_type == "classic":
                    self._note_queue(worker)
                worker.queue = self.subject.queue
                worker.asks_for_tasks(_PATIENT)
                if queue_type == "classic":
                    self._note_start(worker)
                asked = [each for each in worker.ledger.declarations if each.queue == self.subject.queue]
                declared += [str(each.arguments.get("x-queue-type", "classic")) for each in asked[:1]]
        if not declared:
            self._found("the worker declares no queue, so its type is up to the producer")
        elif len(set(declared)) == 1:
            self._found("it declares this type, whatever QUEUE_TYPE says", queue_type=declared[0])

    def _note_queue(self, worker: Worker) -> None:
        worker.queue = None
        worker.asks_for_tasks(_PATIENT)

        def acknowledging(_: object) -> list[str]:
            # A framework has queues of its own, which it consumes in no-ack mode.
            return [each.queue for each in worker.ledger.consumers if each.queue and not each.no_ack]

        consumed = worker.history.wait(acknowledging, EVENTUALLY if worker.ledger.consumers else 0)
        consumed += [each.queue for each in worker.ledger.consumers]
        fetched = [each.queue for each in worker.ledger.fetches]
        queue = next((name for name in (*consumed, *fetched) if name), "")
        if queue:
            self._found("the worker takes its tasks from it", queue=queue)

    def _note_start(self, worker: Worker) -> None:
        seconds = worker.seconds_to_start
        allowed = max(Subject.start_seconds, float(math.ceil(_START_FACTOR * seconds)))
        self._found(f"it asked for its first task after {seconds:.1f} s", start_seconds=allowed)

    def _work_on_tasks(self) -> None:
        with self._bench(self.subject) as bench:
            worker = bench.start_worker()
            seconds: dict[int, list[float]] = {0: [], 2: []}
            for dots in (0, 0, 0, 2):  # a busy machine and the first task of a program add to the time
                task = bench.task(dots)
                sent = bench.produce(*task.text.split(" "))
                sent.exit_status(_PATIENT)
                published = sent.ledger.carrying(task.mark)
                if not published:
                    said = safe(hide(sent.process.output.strip())[-200:])
                    raise SetupError(
                        f"The producer publishes nothing that holds its words; it says: {said or 'nothing'}"
                    )
                if not self.subject.envelope and published[0].body != task.body:
                    self._found("its producer wraps the text of a task", envelope=True)
                    self._propose_a_message(published[0], task)
                if published[0].exchange and not self.subject.exchange:
                    route = {"exchange": published[0].exchange, "routing_key": published[0].routing_key}
                    self._found("its producer publishes there", **route)
                if (worked := self._seconds_of_work(bench, worker, task)) is not None:
                    seconds[dots].append(worked)
            self._look_at_a_failing_task(bench, worker)
        if seconds[0] and min(seconds[0]) > _SLOW_WITHOUT_DOTS:
            self._found(
                f"a task without dots took {min(seconds[0]):.1f} s: a run takes that much longer for each task; "
                "let it do less for the tasks of a run if you can"
            )
        if not all(seconds.values()):
            self._length_is_unknown = True
            self._found(f"how long a dot takes could not be seen within {_SLOWEST:.0f} s")
            return
        each = (seconds[2][0] - min(seconds[0])) / 2
        if each > _ASKED_FOR * QUICK:
            self._found("seconds, as two dots showed", seconds_per_dot=round(each, 1 if each > 0.5 else 2))
        elif each < QUICK / _ASKED_FOR:
            self._length_is_unknown = True
            self._found(
                "two dots took no longer than none. If a task cannot be given a length by [message] with {seconds} "
                "(docs/profiles.md), clauses that need long tasks are not judged",
                seconds_per_dot=0,
            )

    def _propose_a_message(self, published: Publication, task: Task) -> None:
        lines = proposed(message_of(published), task)
        why = "if the producer cannot be run everywhere, this carries a task, in place of envelope:"
        if not lines:
            why = "what carries a task could not be told: without this producer, write a [message] by hand"
        self.findings.append(Finding("\n# ".join([why, *lines]), {}))

    def _watch_several_tasks(self) -> None:
        if not self.subject.seconds_per_dot or self._length_is_unknown:
            self._found("how many tasks it holds at once was not seen, since a task takes no chosen time")
            return
        with self._bench(self.subject) as bench:
            found = watched(bench)
        if found is not None:
            why, limits = found
            self._found(why, **limits)

    def _look_at_a_failing_task(self, bench: Bench, worker: Worker) -> None:
        """Whether a task with the failing word is acknowledged like any other."""
        task = bench.task(failing=True)
        bench.produce(*task.text.split(" ")).exit_status(_PATIENT)
        bench.history.wait(lambda _: no_longer_held(worker.deliveries(task)[:1]), EVENTUALLY)
        first = worker.deliveries(task)[:1]
        if first and first[0].acknowledged and not_handed_on(first[0], worker.ledger.publications, task):
            self._found(
                f"a task with the word {self.subject.failing_word!r} was acknowledged like any other; if another "
                "word makes a task fail, name it here, or no clause about failing tasks is judged",
                failing_word="",
            )

    def _seconds_of_work(self, bench: Bench, worker: Worker, task: Task) -> float | None:
        """The seconds from its delivery to its acknowledgement; None if it was not acknowledged in time."""

        def done(_: object) -> list[Delivery]:
            return [each for each in worker.deliveries(task) if each.held_until is not None]

        found = bench.history.wait(done, _SLOWEST)
        if not found or found[0].settled_at is None:
            return None
        return found[0].settled_at - found[0].at
