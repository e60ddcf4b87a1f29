"""The producer that is a service: it runs for long, and publishes whenever it is asked to.

A service is asked for everything that is asked of a producer. It has to keep two more promises: it outlives its
connection, and its requests come several at once.
"""

from collections.abc import Callable

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.faults import HeldConfirms, RefusedByTheQueue
from workqueue_spec.bench.parties import Request, Service
from workqueue_spec.bench.standing_in import puts_on_the_queue
from workqueue_spec.judgement.tasks import Task
from workqueue_spec.judgement.verdicts import NotJudged, judge
from workqueue_spec.judgement.verdicts.lifecycle import leaves_with_an_error
from workqueue_spec.judgement.verdicts.publishing import exactly_one
from workqueue_spec.judgement.verdicts.reporting import (
    Told,
    first_is_confirmed,
    success_is_confirmed,
    told_truly,
)
from workqueue_spec.specification.clauses import clause, must, producer, production
from workqueue_spec.timeouts import EVENTUALLY, LEAVES

from .sources import CHANNELS, CONNECTIONS

AT_ONCE = 6
"""Requests that come at once: more than a service that was tried by hand has seen, and few for a service."""

LOSSES: dict[str, Callable[[Service], None]] = {
    "the connection ends": lambda service: service.tap.cut(),
    "the connection is reset": lambda service: service.tap.cut(reset=True),
}


@clause(
    "P27",
    "publishes-again",
    production,
    must,
    owed_by=producer,
    source=CONNECTIONS,
    for_services=True,
)
@pytest.mark.parametrize("lose", LOSSES.values(), ids=LOSSES)
def test_a_service_publishes_again(bench: Bench, lose: Callable[[Service], None]) -> None:
    """A service that has lost its connection to the broker publishes again when the broker is back. Or it ends with
    a status other than 0, so that its supervisor starts it again. A request that comes while there is no broker is
    answered in a bounded time, and not with success.

    The service publishes a task. Then its connections end, by a FIN or by a RST, and new ones are refused. A
    request that comes now must be answered within a minute. Then connections are accepted again. One request
    follows another until one of them succeeds: this may take 45 s, since the service may wait before it connects
    again.
    """
    service = bench.start_service()
    puts_on_the_queue(bench, "a", "task.", by=service)

    with bench.broker_unreachable():
        lose(service)
        task = bench.task()
        meanwhile = service.is_asked(*task.text.split())
        judge(success_is_confirmed(meanwhile.gives_up(), meanwhile.ledger.carrying(task.mark), came=1))

    task, request = service.succeeds_again(bench.task)
    if request is None:
        judge(leaves_with_an_error(service.exit_status()))
    else:
        judge(exactly_one(request.ledger.carrying(task.mark), task.text))
        bench.queue_delivers(task)


@clause(
    "P28",
    "requests-side-by-side",
    production,
    must,
    owed_by=producer,
    source=CHANNELS,
    for_services=True,
)
def test_requests_side_by_side_do_not_mix(bench: Bench) -> None:
    """If several requests come at once, each of their tasks is published once, and each request is told what became
    of its own task.

    Six requests come at once. Of the broker's confirms the first one passes, and the others are held back: no
    request may succeed while its own task is not confirmed. Then the others are released. Each request must
    succeed, and its task must have been published once. Six more requests come at once, and the first confirm
    becomes a refusal: no request may succeed whose task was refused, unless it is published again and confirmed
    then.
    """
    service = bench.start_service()
    alone = puts_on_the_queue(bench, "a", "task.", by=service)
    if not any(each.number is not None or each.transacted for each in alone.ledger.publications):
        raise NotJudged("the service asks for no confirm (P02)")
    bench.eventually(lambda: first_is_confirmed([Told(alone.name, 0, alone.ledger.publications)]))

    confirms = HeldConfirms(but_first=1)
    confirms(service.tap)
    asked = _ask_at_once(bench, service)
    bench.history.wait(lambda _: first_is_confirmed(_told(asked)) or not told_truly(_told(asked)), EVENTUALLY)
    judge(told_truly(_told(asked)))
    judge(first_is_confirmed(_told(asked)))
    bench.stays(lambda: told_truly(_told(asked)), LEAVES)
    confirms.release()
    for task, request in asked:
        request.succeeds()
        judge(exactly_one(request.ledger.carrying(task.mark), task.text))

    refusal = RefusedByTheQueue()
    refusal(service.tap)
    asked = _ask_at_once(bench, service)
    for _, request in asked:
        request.gives_up()
    judge(told_truly(_told(asked)))


def _ask_at_once(bench: Bench, service: Service) -> list[tuple[Task, Request]]:
    tasks = [bench.task() for _ in range(AT_ONCE)]
    return [(task, service.is_asked(*task.text.split())) for task in tasks]


def _told(asked: list[tuple[Task, Request]]) -> list[Told]:
    return [Told(each.name, each.status, each.ledger.carrying(task.mark)) for task, each in asked]
