"""One producer and one worker on one queue. The second to come may be refused, or not understood."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ...bench.bench import Bench
from ...bench.parties import Worker
from ...bench.setting import Setting, VirtualHost
from ...broker import Broker
from ...broker.run import Run
from ...judgement.ledger import Declaration, Ledger
from ...judgement.tasks import Task
from ...judgement.verdicts import Broken
from ...judgement.verdicts.settlement import acknowledged_after
from ...programs.fixed_address import Placements
from ...programs.subject import Subject
from ...timeouts import EVENTUALLY
from ...wiretap import LoopThread

DOTS = 2
"""Dots of the task that is sent. A worker that understands the task works for this long before it acknowledges."""


class Outcome(StrEnum):
    """What came of a meeting."""

    WORKS = "works"
    """The worker was given the task, and acknowledged it after the work."""
    ACKED_AT_ONCE = "acked at once"
    """The worker acknowledged the task too early to have done the work, so nobody can tell if it did."""
    NOT_UNDERSTOOD = "not understood"
    """The worker was given the task, and rejected it or kept it."""
    NOT_RECEIVED = "not received"
    """The task went to a queue that the worker does not consume."""
    PRODUCER_REFUSED = "producer refused"
    WORKER_REFUSED = "worker refused"
    PRODUCER_FAILED = "producer failed"
    WORKER_FAILED = "worker failed"


@dataclass(frozen=True)
class Meeting:
    """What came of the meeting of a producer and a worker, and what was seen."""

    outcome: Outcome
    why: str
    declared: dict[str, tuple[str, ...]]
    """For `producer` and `worker`: the queues that each declared, with their properties."""

    def as_json(self) -> dict[str, Any]:
        """The meeting as it is written to the JSON file."""
        return {"outcome": str(self.outcome), "why": self.why, "declared": self.declared}


class MeetingPlace:
    """Where pairs meet: a broker, with a fresh virtual host for each meeting."""

    def __init__(
        self,
        run: Run,
        loop_thread: LoopThread,
        broker: Broker,
        queue_type: str,
        placements: Callable[[Subject], Placements],
    ) -> None:
        """`placements` returns the placements of a program."""
        self._run, self._loop_thread, self._broker, self._queue_type = run, loop_thread, broker, queue_type
        self._placements = placements

    def meet(self, producer: Subject, worker: Subject, name: str, *, worker_first: bool) -> Meeting:
        """Lets the two meet in a new virtual host of this name."""
        self._broker.create_virtual_hosts([name])
        with ExitStack() as stack:
            # The more virtual hosts, the longer the next one takes: 0.03 CPU seconds at first, 0.5 beside 300.
            stack.callback(self._broker.delete_virtual_hosts, [name])
            producers = stack.enter_context(closing(self._bench(producer, name, "producer")))
            workers = stack.enter_context(closing(self._bench(worker, name, "worker")))
            task = producers.task(DOTS)
            try:
                if worker_first:
                    running = workers.start_worker()
                    _send(producers, task)
                else:
                    _send(producers, task)
                    running = workers.start_worker()
                outcome, why = _understood(workers, running, task, worker)
            except Broken as broken:
                outcome, why = _failed(producers, workers, broken)
            declared = {"producer": _declared(producers.ledger), "worker": _declared(workers.ledger)}
        return Meeting(outcome, why, declared)

    def _bench(self, subject: Subject, virtual_host: str, role: str) -> Bench:
        """The bench of one role. Both benches of a meeting are in the same virtual host."""
        placements = self._placements(subject)
        setting = Setting(self._run, self._loop_thread, subject, placements, self._queue_type, seed=0)
        host = VirtualHost(self._broker.address, virtual_host)
        return Bench(setting, self._broker, host, name=f"{virtual_host}-{role}", test="pairs")


def _send(bench: Bench, task: Task) -> None:
    if (status := bench.produce(*task.text.split(" ")).gives_up()) != 0:
        raise Broken("the producer ends with status 0", f"status {status}")


def _understood(bench: Bench, worker: Worker, task: Task, subject: Subject) -> tuple[Outcome, str]:
    def given(_: object) -> bool:
        return bool(worker.deliveries(task))

    if not bench.history.wait(given, EVENTUALLY):
        queues = sorted({consumer.queue for consumer in worker.ledger.consumers})
        return Outcome.NOT_RECEIVED, f"the worker consumes from {', '.join(queues) or 'no queue'}"
    work = DOTS * subject.seconds_per_dot
    bench.history.wait(lambda _: worker.deliveries(task)[0].held_until is not None, EVENTUALLY + work)
    delivery = worker.deliveries(task)[0]
    if not (delivery.acknowledged or delivery.no_ack):
        return Outcome.NOT_UNDERSTOOD, f"{delivery.settled_by or 'nothing'} came of the task"
    verdict = acknowledged_after(delivery, work)
    return (Outcome.WORKS if verdict.holds else Outcome.ACKED_AT_ONCE), f"acknowledged: {verdict.seen}"


def _failed(producers: Bench, workers: Bench, broken: Broken) -> tuple[Outcome, str]:
    for bench, outcome in ((producers, Outcome.PRODUCER_REFUSED), (workers, Outcome.WORKER_REFUSED)):
        refusals = [closed for closed in bench.ledger.closed if closed.is_refusal]
        if refusals:
            return outcome, f"{refusals[-1].code} {refusals[-1].text}"
    failed = Outcome.WORKER_FAILED if "worker" in broken.expected else Outcome.PRODUCER_FAILED
    return failed, str(broken)


def _declared(book: Ledger) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_shown(each) for each in book.declarations if not each.passive))


def _shown(declaration: Declaration) -> str:
    words = [
        declaration.queue,
        "durable" if declaration.durable else "transient",
        *(name for name in ("exclusive", "auto_delete") if getattr(declaration, name)),
        *(f"{name}={value}" for name, value in sorted(declaration.arguments.items())),
    ]
    return " ".join(words)
