"""One producer and one worker on one queue: whoever comes second may be refused, or not understood."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ...bench.bench import Bench, Setting
from ...bench.parties import Production, Worker
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
"""Of the task that is sent: a worker that understands it works for so long before it acknowledges."""


class Outcome(StrEnum):
    """What came of a meeting."""

    WORKS = "works"
    """The worker was given the task, and acknowledged it after the work."""
    ACKED_AT_ONCE = "acked at once"
    """The worker acknowledged the task before the work can have been done, so nobody can see whether it did it."""
    NOT_UNDERSTOOD = "not understood"
    """The worker was given the task, and rejected it or kept it."""
    NOT_RECEIVED = "not received"
    """The task went where the worker does not look."""
    PRODUCER_REFUSED = "producer refused"
    WORKER_REFUSED = "worker refused"
    PRODUCER_FAILED = "producer failed"
    WORKER_FAILED = "worker failed"


@dataclass(frozen=True)
class Meeting:
    """What came of it, and what was seen."""

    outcome: Outcome
    why: str
    declared: dict[str, tuple[str, ...]]
    """By `producer` and `worker`: the queues that each asked for, and how."""

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {"outcome": str(self.outcome), "why": self.why, "declared": self.declared}


class Place:
    """Where pairs meet: a broker, with a fresh virtual host for each meeting."""

    def __init__(
        self,
        run: Run,
        loop_thread: LoopThread,
        broker: Broker,
        queue_type: str,
        placements: Callable[[Subject], Placements],
    ) -> None:
        """`spots` gives those of a program."""
        self._run, self._wire, self._broker, self._queue_type = run, loop_thread, broker, queue_type
        self._placements = placements

    def meet(self, producer: Subject, worker: Subject, name: str, *, worker_first: bool) -> Meeting:
        """Lets them meet in a virtual host of that name."""
        self._broker.create_virtual_hosts([name])
        with ExitStack() as stack:
            # The more there are, the longer the next takes: 0.03 CPU seconds at first, 0.5 beside 300.
            stack.callback(self._broker.delete_virtual_hosts, [name])
            host = stack.enter_context(closing(self._bench(producer, name, "producer")))
            guest = stack.enter_context(closing(self._bench(worker, name, "worker")))
            parties: dict[str, Production | Worker] = {}
            task = host.task(DOTS)
            steps: list[tuple[str, Callable[[], Production | Worker]]] = [
                ("worker", guest.start_worker),
                ("producer", lambda: _sent(host, task)),
            ]
            try:
                for role, step in steps if worker_first else reversed(steps):
                    parties[role] = step()
                outcome, why = _understood(guest, parties["worker"], task, worker)
            except Broken as broken:
                outcome, why = _failed(host, guest, broken)
            declared = {"producer": _declared(host.ledger), "worker": _declared(guest.ledger)}
        return Meeting(outcome, why, declared)

    def _bench(self, subject: Subject, virtual_host: str, role: str) -> Bench:
        placements = self._placements(subject)
        setting = Setting(self._run, self._wire, subject, placements, self._queue_type, seed=0)
        name = f"{virtual_host}-{role}"
        return Bench(setting, self._broker, self._broker.address, virtual_host, name, "pairs")


def _sent(bench: Bench, task: Task) -> Production:
    run = bench.produce(*task.text.split(" "))
    if (status := run.gives_up()) != 0:
        raise Broken("the producer ends with status 0", f"status {status}")
    return run


def _understood(
    bench: Bench, party: Production | Worker, task: Task, subject: Subject
) -> tuple[Outcome, str]:
    def given(_: object) -> bool:
        return bool(party.deliveries(task))

    if not bench.history.wait(given, EVENTUALLY):
        queues = sorted({consumer.queue for consumer in party.ledger.consumers})
        return Outcome.NOT_RECEIVED, f"the worker consumes from {', '.join(queues) or 'no queue'}"
    work = DOTS * subject.seconds_per_dot
    bench.history.wait(lambda _: party.deliveries(task)[0].held_until is not None, EVENTUALLY + work)
    delivery = party.deliveries(task)[0]
    if not (delivery.acknowledged or delivery.no_ack):
        return Outcome.NOT_UNDERSTOOD, f"{delivery.settled_by or 'nothing'} came of the task"
    verdict = acknowledged_after(delivery, work)
    return (Outcome.WORKS if verdict.holds else Outcome.ACKED_AT_ONCE), f"acknowledged: {verdict.seen}"


def _failed(host: Bench, guest: Bench, broken: Broken) -> tuple[Outcome, str]:
    for bench, outcome in ((host, Outcome.PRODUCER_REFUSED), (guest, Outcome.WORKER_REFUSED)):
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
