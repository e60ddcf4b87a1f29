"""The worker's life: how it starts, keeps its connection, comes back, and leaves."""

import signal
from collections.abc import Callable

import pytest

from workqueue_spec.bench.bench import Bench, Faults
from workqueue_spec.bench.faults import Door
from workqueue_spec.bench.parties import LONGEST_DELAY, Worker
from workqueue_spec.judgement.verdicts import NotJudged, judge
from workqueue_spec.judgement.verdicts.connecting import done_once, keeps_connections, noticed_silence
from workqueue_spec.judgement.verdicts.keeping import still_holds
from workqueue_spec.judgement.verdicts.leaving import (
    ended_as_a_failure,
    gone_promptly,
    left_after_its_work,
    left_promptly,
    left_untouched,
)
from workqueue_spec.judgement.verdicts.lifecycle import refusal_is_reported
from workqueue_spec.judgement.verdicts.protocol import announces
from workqueue_spec.judgement.verdicts.settlement import (
    all_settled,
    names_no_old_tag,
    never_acknowledged,
    not_let_go_for_good,
)
from workqueue_spec.specification.clauses import clause, core, must, production, should, worker
from workqueue_spec.wiretap import with_heartbeat

from .sources import ALARMS, CANCEL, CONFIRMS, CONNECTIONS, HEARTBEATS, QUEUES, SUPERVISORS


@clause("W12", "heartbeats-during-a-task", production, must, owed_by=worker, source=HEARTBEATS)
def test_heartbeats_go_on_during_a_task(bench: Bench) -> None:
    """A worker keeps its heartbeats during a task that takes longer than three of them: one execution, one
    acknowledgement.

    The broker proposes a heartbeat of one second, so that seconds do for what takes minutes otherwise, and a
    task takes five of them. It must be delivered once, and acknowledged on the connection it came on.
    """
    worker = bench.start_worker(faults=lambda tap: tap.rewrite(with_heartbeat(1)))
    _settles_for(worker, heartbeat=1)
    worker.finishes(bench.send())
    task = bench.send(bench.subject.dots(5.0))

    worker.settles(task)

    bench.stays(lambda: done_once(bench.ledger.of(task.mark)))
    worker.finishes(bench.send())


@clause("W39", "keeps-a-quiet-connection", production, must, owed_by=worker, source=HEARTBEATS)
@pytest.mark.parametrize("heartbeat", [1, 6])
def test_a_quiet_connection_is_kept(bench: Bench, heartbeat: int) -> None:
    """A worker that has nothing to do keeps its connection: its heartbeats go on, and it does not take a broker
    that has nothing to say for one that is gone.

    The broker proposes a heartbeat of one second, or of six, and for six seconds there is no task. By then it
    drops a client of the first kind that sends nothing; and to one of the second it says nothing itself for
    three seconds. No connection may be lost, and the worker must finish another task.
    """
    worker = bench.start_worker(faults=lambda tap: tap.rewrite(with_heartbeat(heartbeat)))
    _settles_for(worker, heartbeat)
    worker.finishes(bench.send())
    since = bench.history.now

    bench.stays(lambda: keeps_connections(worker.ledger, bench.history.events, since), seconds=6.0)

    worker.finishes(bench.send())


def _settles_for(worker: Worker, heartbeat: int) -> int:
    settled = worker.heartbeat
    if settled > heartbeat:
        raise NotJudged(f"the worker insists on a heartbeat of {settled} s, too long to watch three of them")
    return settled


@clause("W14", "cancel-is-a-failure", production, must, owed_by=worker, source=CANCEL, presumes=("B28",))
@pytest.mark.parametrize("state", ["idle", "busy"])
def test_a_cancel_by_the_broker_is_a_failure(bench: Bench, state: str) -> None:
    """When the broker cancels its subscription, a worker subscribes again or exits with a status other than 0.

    The queue is deleted under it, while it is idle or has a task in hand. If it comes back, it must finish a
    new task; the queue it has to declare itself.
    """
    somebody, worker = bench.connect(), bench.start_worker()
    worker.finishes(bench.send())
    if state == "busy":
        worker.receives(bench.send(dots=bench.subject.dots(0.5)))

    deleted_at = somebody.deletes(bench.subject.queue)

    if worker.comes_back(deleted_at):
        bench.queue_becomes(ready=0)
        worker.finishes(bench.send())
    else:
        judge(ended_as_a_failure(worker.exit_status()))


LOSSES: dict[str, Callable[[Worker], None]] = {
    "closed": lambda worker: worker.tap.cut(),
    "reset": lambda worker: worker.tap.cut(reset=True),
}


@clause(
    "W17", "no-stale-acknowledgement", production, must, owed_by=worker, source=CONFIRMS, presumes=("B18",)
)
@pytest.mark.parametrize("loss", LOSSES)
def test_an_old_tag_is_not_acknowledged_on_a_new_channel(bench: Bench, loss: str) -> None:
    """A worker never acknowledges a tag of a lost channel on a new one.

    It has finished some tasks, so its tags are not those of a fresh channel, and loses its connection in the
    middle of another. Back again, each settlement must name what it holds there, and that task must be
    finished as the broker delivers it anew.
    """
    worker = bench.start_worker()
    for task in [bench.send() for _ in range(5)]:
        worker.finishes(task)
    task = bench.send(dots=bench.subject.dots(1.0))
    worker.receives(task)
    before = bench.history.now

    LOSSES[loss](worker)

    if not worker.comes_back(before):
        raise NotJudged("the worker ends with its connection, so it has no new channel")
    for other in [task, *(bench.send() for _ in range(3))]:
        worker.finishes(other)
    bench.stays(lambda: names_no_old_tag(worker.ledger, before))


@clause("W18", "leaves-on-sigint", core, must, owed_by=worker, source=SUPERVISORS)
def test_an_idle_worker_leaves_when_interrupted(bench: Bench) -> None:
    """An idle worker that gets SIGINT (Ctrl-C) leaves promptly and with status 0.

    It has finished a task and has no other. Promptly is five seconds: half of what `docker stop` allows.
    """
    worker = _idle(bench)

    worker.interrupt()

    judge(left_promptly(*worker.leaves()))


@clause("W35", "leaves-on-sigterm", production, must, owed_by=worker, source=SUPERVISORS)
@pytest.mark.parametrize("state", ["idle", "waiting for the broker"])
def test_an_idle_worker_leaves_when_terminated(bench: Bench, state: str) -> None:
    """An idle worker that gets SIGTERM leaves promptly and with status 0.

    It has finished a task and has no other. Promptly is five seconds: half of what `docker stop` allows. One that
    waits for a broker that is not there yet leaves as promptly, with any status.
    """
    if state == "idle":
        worker = _idle(bench)
        worker.terminate()
        judge(left_promptly(*worker.leaves()))
        return

    waiting = bench.start_worker(ready=False, faults=Door())
    if waiting.tries_to_connect(times=2):
        waiting.terminate()
        _, seconds = waiting.leaves()
        judge(gone_promptly(seconds))


def _idle(bench: Bench, faults: Faults | None = None) -> Worker:
    worker = bench.start_worker(faults=faults)
    worker.finishes(bench.send())
    bench.stays(lambda: all_settled(worker.ledger.deliveries))
    return worker


@clause("W19", "finishes-on-sigterm", production, must, owed_by=worker, source=SUPERVISORS, presumes=("B18",))
def test_a_busy_worker_finishes_and_leaves(bench: Bench) -> None:
    """A busy worker that gets SIGTERM takes nothing new, finishes the task in hand, acknowledges it, and
    leaves with status 0.

    It has been at work for a moment by then: one that is told to leave before it has looked at a task may give
    that back. Other tasks wait meanwhile. They must all be ready afterwards: one that the broker pushed at the
    last moment may come to the worker, but only to be given back.
    """
    worker = bench.start_worker()
    worker.finishes(bench.send())
    task, *waiting = bench.send_together(bench.subject.dots(2.0), 0, 0, 0)
    worker.receives(task)
    bench.stays(lambda: never_acknowledged(worker.deliveries(task)))

    worker.terminate()
    status, _ = worker.leaves()

    judge(left_after_its_work(status, worker.deliveries(task)[0], task.dots * bench.subject.seconds_per_dot))
    judge(left_untouched([delivery for other in waiting for delivery in worker.deliveries(other)]))
    bench.queue_becomes(ready=len(waiting))


@clause(
    "W20",
    "unfinished-is-ready-again",
    production,
    must,
    owed_by=worker,
    source=SUPERVISORS,
    presumes=("B18",),
)
@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_task_that_cannot_be_finished_is_ready_again(bench: Bench, by: signal.Signals) -> None:
    """If a worker that is told to leave (SIGTERM, SIGINT) cannot finish its task in its period of grace, the task
    is ready again: it is not acknowledged on the way out.

    The task takes longer than anybody waits. The worker may leave by itself; if it has not after ten seconds,
    it is killed, as `docker stop` does it. Another worker must then work on the task, and not take it for one that
    is done: it has a `message_id`, which may be noted when its work is done, not before.
    """
    worker = bench.start_worker()
    worker.finishes(bench.send())
    task = bench.send_endless(with_id=True)
    worker.receives(task)
    bench.stays(lambda: never_acknowledged(worker.deliveries(task)))

    worker.is_stopped_by_a_supervisor(by)

    judge(never_acknowledged(worker.deliveries(task)))
    bench.queue_becomes(ready=1)
    another = bench.start_worker()
    another.receives(task)
    bench.stays(lambda: not_let_go_for_good(another.deliveries(task)))


@clause("W24", "waits-for-the-broker", production, must, owed_by=worker, source=CONNECTIONS)
@pytest.mark.parametrize("how", ["refused", "reset"])
def test_a_worker_waits_for_the_broker(bench: Bench, how: str) -> None:
    """Started before the broker, a worker waits for it, within bounds, and then goes to work.

    For three times as long as it otherwise needs to start, its connections are refused, as where nothing
    listens; or made and reset, as where a proxy listens for a broker that does not. Then it must come and
    finish a task.
    """
    first = bench.start_worker()
    first.kill()
    watched = 3 * first.seconds_to_start

    if how == "refused":
        with bench.broker_unreachable():
            late = bench.start_worker(ready=False)
            late.runs_on(watched)
    else:
        door = Door()
        late = bench.start_worker(ready=False, faults=door)
        late.tries_to_connect(times=2)
        late.runs_on(watched)
        door.open()

    late.asks_for_tasks(LONGEST_DELAY)
    late.finishes(bench.send())


@clause("W25", "notices-silence", production, must, owed_by=worker, source=HEARTBEATS)
def test_a_silent_peer_is_noticed(bench: Bench) -> None:
    """A worker notices within three heartbeats that its peer has gone silent.

    The broker proposes a heartbeat of one second; then the network swallows everything, and both ends stay
    open. The worker must give up the connections over which it takes tasks, within three heartbeats and a
    slack of ten seconds, since libraries add constants of their own that are nothing beside the usual minute.
    """
    worker = _idle(bench, faults=lambda tap: tap.rewrite(with_heartbeat(1)))
    connections = worker.open_connections()
    if not connections:
        raise NotJudged("the worker keeps no connection open, so none can go silent")
    heartbeat = _settles_for(worker, heartbeat=1)
    silent_at = bench.history.now

    worker.tap.black_hole()

    judge(noticed_silence(worker.gives_up(connections), silent_at, heartbeat))


@clause("W29", "announces-capabilities", production, should, owed_by=worker, source=f"{CANCEL}; {ALARMS}")
def test_the_worker_announces_what_it_wants_to_know(bench: Bench) -> None:
    """A worker announces the capabilities consumer_cancel_notify and connection.blocked, so that the broker
    tells it of a cancelled subscription and of an alarm.

    Looked up in what it says of itself when it connects, on each connection over which it takes tasks.
    """
    worker = bench.start_worker()
    worker.finishes(bench.send())

    judge(announces(worker.ledger))


@clause("W33", "refusal-is-reported", core, must, owed_by=worker, source=QUEUES, presumes=("B02", "B04"))
def test_a_refused_worker_says_so_and_leaves(bench: Bench) -> None:
    """Refused by the broker, the worker ends with a status other than 0 and the broker's reason, rather than
    run on without a consumer.

    A queue of that name with an argument that nobody would think of, and with messages on it, was there
    before. The worker must be refused (406), say so and leave, and the queue must stay as it is.
    """
    owner = bench.connect()
    owner.declares(bench.subject.queue, x_max_length=54_321)
    kept = [owner.publishes(bench.subject.queue) for _ in range(2)]

    refused = bench.start_worker(ready=False)

    if not refused.declares(within=bench.subject.start_seconds):
        raise NotJudged("the worker declares nothing, so it cannot be refused")
    status = refused.exit_status(within=bench.subject.end_seconds)
    judge(refusal_is_reported(status, refused.process.output, refused.ledger.closed))
    judge(still_holds(bench.subject.queue, bench.queue(), ready=len(kept)))
