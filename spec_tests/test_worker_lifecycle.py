"""The worker's life: how it starts, keeps its connection, comes back, and leaves."""

import secrets
import signal
from collections.abc import Callable, Sequence

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.faults import (
    Credentials,
    Fault,
    ResetsUntilStopped,
    StoppedLater,
    connections_never_answered,
)
from workqueue_spec.bench.heartbeats import ShortHeartbeat
from workqueue_spec.bench.logins import EncodedLogin
from workqueue_spec.bench.parties import LONGEST_DELAY, SUPERVISORS_GRACE, Worker
from workqueue_spec.bench.urls import with_a_port_that_is_no_number, with_password, with_query
from workqueue_spec.judgement.ledger import Delivery
from workqueue_spec.judgement.tasks import Task, new_task
from workqueue_spec.judgement.verdicts import NotJudged, judge
from workqueue_spec.judgement.verdicts.concurrency import at_work_at_most, most_at_work
from workqueue_spec.judgement.verdicts.connecting import done_once, keeps_connections, noticed_silence
from workqueue_spec.judgement.verdicts.failing import no_longer_held, not_acknowledged_though_killed
from workqueue_spec.judgement.verdicts.keeping import still_holds
from workqueue_spec.judgement.verdicts.leaking import nothing_left_behind
from workqueue_spec.judgement.verdicts.leaving import (
    ended_as_a_failure,
    ended_with_success,
    gone_promptly,
    left_after_its_work,
    left_after_their_work,
    left_promptly,
    takes_no_other_task,
)
from workqueue_spec.judgement.verdicts.lifecycle import keeps_secret, refusal_is_reported
from workqueue_spec.judgement.verdicts.protocol import announces_capabilities
from workqueue_spec.judgement.verdicts.settlement import (
    acknowledged_after,
    all_settled,
    names_no_old_tag,
    names_no_old_tag_so_far,
    never_acknowledged,
    not_settled_for_good,
)
from workqueue_spec.specification.clauses import clause, core, must, production, should, worker
from workqueue_spec.timeouts import EVENTUALLY, QUIET

from .sources import (
    ACKNOWLEDGMENT,
    ALARMS,
    CANCEL,
    CONFIRMS,
    CONNECTIONS,
    HEARTBEATS,
    LEAKS,
    LOGS,
    QUEUES,
    SUPERVISORS,
    URIS,
)


@clause("W12", "heartbeats-during-a-task", production, must, owed_by=worker, source=HEARTBEATS)
def test_heartbeats_go_on_during_a_task(bench: Bench) -> None:
    """A worker keeps up its heartbeats during a task that takes longer than three heartbeat intervals. The task
    is executed once and acknowledged once.

    The broker proposes a heartbeat of one second, so that the test takes seconds instead of minutes. If the
    worker insists on a longer one, its URL asks for one second (`?heartbeat=1`), too. A worker may take longer to
    start, so the suite keeps its connections open until it has done its first task. The task takes five seconds.
    It must be delivered once, and be acknowledged on the connection on which it was delivered. So must as many
    such tasks as the worker may work on at once, and quick tasks that it holds behind them.
    """
    worker = _with_heartbeat(bench, seconds=1)
    worker.finishes(bench.send())
    tasks = bench.send_handful(bench.subject.dots(5.0), behind=0)

    for task in tasks:
        worker.settles(task)

    bench.stays(lambda: done_once(bench.ledger.of(tasks[0].mark)))
    for task in tasks[1:]:
        judge(done_once(bench.ledger.of(task.mark)))
    worker.finishes(bench.send())


@clause("W39", "keeps-a-quiet-connection", production, must, owed_by=worker, source=HEARTBEATS)
@pytest.mark.parametrize("heartbeat", [1, 6])
def test_a_quiet_connection_is_kept(bench: Bench, heartbeat: int) -> None:
    """A worker that has nothing to do keeps its connection. Its heartbeats go on, and it does not mistake a
    broker that has nothing to say for a broker that is gone.

    The broker proposes a heartbeat of one second, or of six, and there is no task for six seconds. In this time
    the broker drops a client that has a heartbeat of one second and sends nothing. With a heartbeat of six
    seconds, the broker itself sends nothing for three seconds. No connection may be lost, and the worker must
    then finish another task.
    """
    worker = _with_heartbeat(bench, heartbeat)
    worker.finishes(bench.send())
    since = bench.history.now

    bench.stays(lambda: keeps_connections(worker.ledger, bench.history.events, since), seconds=6.0)

    worker.finishes(bench.send())


def _with_heartbeat(bench: Bench, seconds: int) -> Worker:
    """A worker that has agreed to a heartbeat of at most so many seconds, as the broker proposes it or as its URL
    asks for it. Raises NotJudged if it insists on a longer one.
    """
    worker = bench.start_worker(faults=ShortHeartbeat(seconds))
    insists_on = worker.heartbeat
    if insists_on > seconds:
        worker.kill()
        worker = bench.start_worker(
            ready=False, faults=ShortHeartbeat(seconds), url=with_query("heartbeat", seconds)
        )
        if not worker.is_back(after=0.0, delay=bench.subject.start_seconds) or worker.heartbeat > seconds:
            raise NotJudged(
                f"the worker insists on a heartbeat of {insists_on} s, too long to watch three of them"
            )
    return worker


@clause("W14", "cancel-is-a-failure", production, must, owed_by=worker, source=CANCEL, presumes=("B28",))
@pytest.mark.parametrize("state", ["idle", "busy"])
def test_a_cancel_by_the_broker_is_a_failure(bench: Bench, state: str) -> None:
    """If the broker cancels a worker's subscription, the worker subscribes again or exits with a status other
    than 0.

    The queue is deleted while the worker is idle, or while it has a task in hand. If the worker comes back, it
    must declare the queue itself, and finish a new task.
    """
    client, worker = bench.connect(), bench.start_worker()
    worker.finishes(bench.send())
    if state == "busy":
        worker.receives(bench.send(dots=bench.subject.dots(0.5)))

    deleted_at = bench.delete_queue(client)

    if worker.comes_back(deleted_at):
        bench.queue_becomes(ready=0)
        worker.finishes(bench.send())
    else:
        judge(ended_as_a_failure(worker.exit_status()))


LONGEST_TASK = 5.0
"""The most seconds of a task that is to last longer than its worker takes to come back."""

LOSSES: dict[str, Callable[[Worker], None]] = {
    "closed": lambda worker: worker.tap.cut(),
    "reset": lambda worker: worker.tap.cut(reset=True),
}


@clause(
    "W17", "no-stale-acknowledgement", production, must, owed_by=worker, source=CONFIRMS, presumes=("B18",)
)
@pytest.mark.parametrize("loss", LOSSES)
def test_an_old_tag_is_not_acknowledged_on_a_new_channel(bench: Bench, loss: str) -> None:
    """A worker never acknowledges a delivery tag of a lost channel on a new channel.

    The worker finishes a task and loses its connection, which shows how long it takes to come back. Then it
    finishes some tasks, so its tags differ from those of a new channel. It loses its connection again, at the
    beginning of a task that lasts longer than coming back took, but at most five seconds. After it has come back,
    each settlement must name a delivery that came on that channel. The broker delivers the interrupted task again,
    and the worker must finish it. A worker that may hold several tasks loses its connection with as many in hand as
    fill it.
    """
    worker = bench.start_worker()
    worker.finishes(bench.send())
    seconds_to_return = _comes_back_from(LOSSES[loss], worker, bench)
    # More than a new channel brings until the end of the test: so no tag of this channel is delivered there.
    for task in [bench.send() for _ in range(bench.subject.handful + 4)]:
        worker.finishes(task)
    tasks = bench.send_handful(bench.subject.dots(min(1.0 + 2 * seconds_to_return, LONGEST_TASK)), behind=0)
    worker.fills_up(tasks)
    before = bench.history.now

    _comes_back_from(LOSSES[loss], worker, bench)

    for other in [*tasks, *(bench.send() for _ in range(3))]:
        _finishes_or_names_an_old_tag(bench, worker, other, before)
    bench.stays(lambda: names_no_old_tag(worker.ledger, before))


def _comes_back_from(loss: Callable[[Worker], None], worker: Worker, bench: Bench) -> float:
    """Returns the seconds that the worker takes to come back. Raises NotJudged if it does not."""
    before = bench.history.now
    loss(worker)
    if not worker.is_back(before):
        raise NotJudged("the worker does not come back, so it has no new channel (W15)")
    return bench.history.now - before


def _finishes_or_names_an_old_tag(bench: Bench, worker: Worker, task: Task, since: float) -> None:
    def decided() -> bool:
        finished = any(each.acknowledged for each in worker.deliveries(task))
        return finished or not names_no_old_tag_so_far(worker.ledger, since)

    bench.history.wait(lambda _: decided(), EVENTUALLY + 2 * task.dots * bench.subject.seconds_per_dot)
    judge(names_no_old_tag_so_far(worker.ledger, since))
    worker.finishes(task)


@clause("W18", "leaves-on-sigint", core, must, owed_by=worker, source=SUPERVISORS)
def test_an_idle_worker_leaves_when_interrupted(bench: Bench) -> None:
    """An idle worker that gets SIGINT (Ctrl-C) leaves promptly.

    The worker has finished a task and has no other. Promptly means within five seconds: half of what `docker
    stop` allows. Its status is not asked here (W50): many runtimes end with 130, or with an error.
    """
    worker = _idle(bench)

    worker.interrupt()

    _, seconds = worker.leaves()
    judge(gone_promptly(seconds))


def _before_a_silent_broker(bench: Bench) -> Worker:
    silence = connections_never_answered()
    worker = bench.start_worker(ready=False, faults=silence)
    _is_left_without_an_answer(bench, worker, silence)
    return worker


def _back_at_a_silent_broker(bench: Bench) -> Worker:
    silence, worker = connections_never_answered(), _idle(bench)
    silence(worker.tap)
    worker.tap.cut()
    _is_left_without_an_answer(bench, worker, silence)
    return worker


def _is_left_without_an_answer(bench: Bench, worker: Worker, silence: Fault) -> None:
    bench.history.wait(lambda _: silence.happened_at or not worker.process.running, EVENTUALLY)
    if not silence.happened_at:
        raise NotJudged("the worker does not try to connect (W15, W24)")


def _in_a_silent_network(bench: Bench) -> Worker:
    worker = _idle(bench)
    worker.tap.black_hole()
    return worker


def _cut_off_from_its_task(bench: Bench) -> Worker:
    worker = _idle(bench)
    task = bench.send(bench.subject.dots(1.0))
    worker.receives(task)
    # Watched for as long as nothing may happen: by then the worker is at work.
    bench.history.wait(lambda _: not never_acknowledged(worker.deliveries(task)), QUIET)
    worker.tap.cut()
    worker.loses_its_connections()
    return worker


FAULTY_STATES: dict[str, Callable[[Bench], Worker]] = {
    "before a silent broker": _before_a_silent_broker,
    "back at a silent broker": _back_at_a_silent_broker,
    "in a silent network": _in_a_silent_network,
    "cut off from its task": _cut_off_from_its_task,
}


@clause("W35", "leaves-on-sigterm", production, must, owed_by=worker, source=SUPERVISORS)
@pytest.mark.parametrize("state", ["idle", "waiting for the broker", *FAULTY_STATES])
def test_an_idle_worker_leaves_when_terminated(bench: Bench, state: str) -> None:
    """An idle worker that gets SIGTERM leaves promptly and with status 0. A worker that has no connection, or gets
    no answer from the broker, leaves in time, too, with any status.

    The idle worker has finished a task and has no other. Promptly means within five seconds: half of what `docker
    stop` allows. A worker that waits for a broker that is not there yet must leave as promptly, with any status.
    The others have ten seconds, all that `docker stop` allows: a worker that has connected, for the first time or
    again, to a broker that never answers; a worker whose network has gone silent; and a worker that has lost its
    connection in the middle of a task, which also has the time to do this task twice.
    """
    if state == "idle":
        worker = _idle(bench)
        worker.terminate()
        judge(left_promptly(*worker.leaves()))
    elif state in FAULTY_STATES:
        worker = FAULTY_STATES[state](bench)
        worker.terminate()
        twice = 2 * bench.subject.dots(1.0) * bench.subject.seconds_per_dot
        work = twice if state == "cut off from its task" else 0.0
        judge(gone_promptly(worker.is_gone(work), SUPERVISORS_GRACE + work))
    else:
        waiting = bench.start_worker(ready=False, faults=ResetsUntilStopped())
        if waiting.tries_to_connect(times=2):
            waiting.terminate()
            _, seconds = waiting.leaves()
            judge(gone_promptly(seconds))


def _idle(bench: Bench) -> Worker:
    """A worker that has finished a task, or as many as fill it, and has no other."""
    worker = bench.start_worker()
    _finishes_its_fill(bench, worker)
    return worker


def _finishes_its_fill(bench: Bench, worker: Worker) -> None:
    for task in bench.send_handful(0):
        worker.finishes(task)
    bench.stays(lambda: all_settled(worker.ledger.deliveries))


@clause("W19", "finishes-on-sigterm", production, must, owed_by=worker, source=SUPERVISORS, presumes=("B18",))
def test_a_busy_worker_finishes_and_leaves(bench: Bench) -> None:
    """A busy worker that gets SIGTERM takes no new task, finishes each task that it is at work on, acknowledges
    it, and leaves with status 0.

    The worker has been at work for a moment when it gets the signal: a worker that has not yet looked at its task
    may requeue it. Other tasks wait meanwhile, and must all be ready afterwards. The broker may push one of them
    to the worker at the last moment, but then the worker must requeue it.

    A worker that may hold several tasks gets as many as fill it. Before, it has got as many as it may work on at
    once, which showed how many it does work on. It must finish at least as many. Tasks in hand that it has not
    begun may be finished, too, or go back. What it acknowledges must be possible with as many at work as it may
    work on, and all that it does not acknowledge must be ready afterwards.
    """
    if bench.subject.prefetch > 1:
        _finishes_all_at_work(bench)
        return
    worker = bench.start_worker()
    worker.finishes(bench.send())
    task, *waiting = bench.send_together(bench.subject.dots(2.0), 0, 0, 0)
    worker.receives(task)
    bench.stays(lambda: never_acknowledged(worker.deliveries(task)))

    worker.terminate()
    status, _ = worker.leaves()

    judge(left_after_its_work(status, worker.deliveries(task)[0], task.dots * bench.subject.seconds_per_dot))
    judge(takes_no_other_task([delivery for other in waiting for delivery in worker.deliveries(other)]))
    bench.queue_becomes(ready=len(waiting))


def _finishes_all_at_work(bench: Bench) -> None:
    """The same for a worker that may hold several tasks."""
    worker, limit = bench.start_worker(), bench.subject.concurrency
    for task in bench.send_together(*[bench.subject.dots(0.5)] * limit):
        worker.finishes(task)
    at_work = max(1, most_at_work(worker.ledger.deliveries, bench.work))
    tasks = bench.send_handful(bench.subject.dots(1.5))
    others = bench.send_together(0, 0, 0)
    worker.fills_up(tasks)
    work = tasks[0].dots * bench.subject.seconds_per_dot
    if any(each.acknowledged and acknowledged_after(each, work) for each in _deliveries(worker, tasks)):
        raise NotJudged("the first tasks were done before the last had come: this machine is too slow")
    bench.stays(lambda: never_acknowledged(_deliveries(worker, tasks)))

    terminated_at = bench.history.now
    worker.terminate()
    status, _ = worker.leaves()

    judge(left_after_their_work(status, _deliveries(worker, tasks), work, at_work))
    judge(at_work_at_most(limit, worker.ledger.deliveries, bench.work))
    later = [each for each in worker.ledger.deliveries if each.at > terminated_at]
    judge(takes_no_other_task(later))
    unfinished = [
        task for task in (*tasks, *others) if not any(each.acknowledged for each in worker.deliveries(task))
    ]
    bench.queue_becomes(ready=len(unfinished))


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
    """If a worker that is told to leave (SIGTERM, SIGINT) cannot finish a task in its grace period, the task is
    ready again. The worker does not acknowledge the task while it leaves.

    The task takes longer than anybody waits. The worker may leave by itself. If it has not left after ten
    seconds, it is killed, as by `docker stop`. Another worker must then work on the task, and must not take it
    for a task that is done: its `message_id` may be noted when the work is done, but not before. A worker that
    may hold several tasks has as many in hand as fill it, and the same holds for each of them.
    """
    worker = bench.start_worker()
    worker.finishes(bench.send())
    tasks = bench.send_handful(bench.endless, with_id=True)
    worker.fills_up(tasks)
    bench.stays(lambda: never_acknowledged(_deliveries(worker, tasks)))

    worker.is_stopped_by_a_supervisor(by)

    judge(never_acknowledged(_deliveries(worker, tasks)))
    bench.queue_becomes(ready=len(tasks))
    another = bench.start_worker()
    another.fills_up(tasks)
    bench.stays(lambda: not_settled_for_good(_deliveries(another, tasks)))


def _deliveries(worker: Worker, tasks: Sequence[Task]) -> list[Delivery]:
    return [each for task in tasks for each in worker.deliveries(task)]


@clause("W24", "waits-for-the-broker", production, must, owed_by=worker, source=CONNECTIONS)
@pytest.mark.parametrize("how", ["refused", "reset"])
def test_a_worker_waits_for_the_broker(bench: Bench, how: str) -> None:
    """A worker that is started before the broker waits for it, within bounds, and then goes to work.

    For three times as long as the worker usually needs to start, its connections are refused, as if nobody
    listens; or they are accepted and reset, as by a proxy whose broker is down. Meanwhile the worker must not
    end. Then the broker can be reached, and the worker must connect and finish a task.
    """
    first = bench.start_worker()
    first.kill()
    watched = 3 * first.seconds_to_start

    if how == "refused":
        with bench.broker_unreachable():
            late = bench.start_worker(ready=False)
            late.runs_on(watched)
    else:
        resets = ResetsUntilStopped()
        late = bench.start_worker(ready=False, faults=resets)
        late.tries_to_connect(times=2)
        late.runs_on(watched)
        resets.stop()

    late.asks_for_tasks(LONGEST_DELAY)
    late.finishes(bench.send())


@clause("W25", "notices-silence", production, must, owed_by=worker, source=HEARTBEATS)
def test_a_silent_peer_is_noticed(bench: Bench) -> None:
    """A worker notices within three heartbeat intervals that its peer has gone silent.

    The broker proposes a heartbeat of one second. Then the network swallows everything, and both ends stay open.
    The worker must close the connections over which it takes tasks, within three heartbeat intervals and ten
    seconds of slack. Client libraries add constants of their own, which are small beside the usual heartbeat of a
    minute.
    """
    worker = _with_heartbeat(bench, seconds=1)
    _finishes_its_fill(bench, worker)
    connections = worker.open_connections()
    if not connections:
        raise NotJudged("the worker keeps no connection open, so none can go silent")
    heartbeat = worker.heartbeat
    silent_at = bench.history.now

    worker.tap.black_hole()

    judge(noticed_silence(worker.closes(connections), silent_at, heartbeat))


@clause("W29", "announces-capabilities", production, should, owed_by=worker, source=f"{CANCEL}; {ALARMS}")
def test_the_worker_announces_what_it_wants_to_know(bench: Bench) -> None:
    """A worker announces the capabilities `consumer_cancel_notify` and `connection.blocked`, so that the broker
    tells it about a cancelled subscription and about an alarm.

    Judged by the client properties that the worker sends when it connects, on each connection over which it takes
    tasks.
    """
    worker = bench.start_worker()
    worker.finishes(bench.send())

    judge(announces_capabilities(worker.ledger))


@clause("W33", "refusal-is-reported", core, must, owed_by=worker, source=QUEUES, presumes=("B02", "B04"))
def test_a_refused_worker_says_so_and_leaves(bench: Bench) -> None:
    """If the broker refuses the worker, the worker ends with a status other than 0 and reports the broker's
    reason. It does not run on without a consumer.

    The queue already exists, with messages on it and with an argument that no worker expects. The worker must be
    refused (406), say so and leave. The queue must stay as it is.
    """
    owner = bench.connect_sender()
    bench.declare_otherwise(owner, x_max_length=54_321)
    kept = [owner.publishes(bench.subject.queue) for _ in range(2)]

    refused = bench.start_worker(ready=False)

    if not refused.declares(delay=bench.subject.start_seconds):
        raise NotJudged("the worker declares nothing, so it cannot be refused")
    status = refused.exit_status(within=bench.subject.end_seconds)
    judge(refusal_is_reported(status, refused.output, refused.ledger.closed))
    judge(still_holds(bench.subject.queue, bench.queue(), ready=len(kept)))


@clause("W50", "status-0-on-sigint", production, must, owed_by=worker, source=SUPERVISORS)
def test_an_interrupted_worker_ends_with_success(bench: Bench) -> None:
    """An idle worker that is interrupted (SIGINT, as by Ctrl-C) ends with status 0: it did what it was told, and no
    supervisor should report a failure.

    The worker has finished a task and has no other. If it does not end at all, this clause is not judged (W18).
    """
    worker = _idle(bench)

    worker.interrupt()

    status = worker.process.exit_status()
    if status is None:
        raise NotJudged("the worker does not leave when it is interrupted (W18)")
    judge(ended_with_success(status))


@clause("W45", "a-loss-is-no-success", production, must, owed_by=worker, source=SUPERVISORS)
@pytest.mark.parametrize(
    ("loss", "state"), [("stopped", "idle"), ("closed", "idle"), ("stopped", "busy"), ("reset", "busy")]
)
def test_a_lost_connection_is_no_success(bench: Bench, loss: str, state: str) -> None:
    """A worker that has lost its connection comes back, or ends with a status other than 0. Status 0 means that a
    program has done what it was told to do, and many supervisors do not start such a program again.

    In two cases the broker says that it is being stopped and closes the connection (320), while the worker is idle
    or has a task in hand. In two others the connection just ends: by a FIN while the worker is idle, by a RST while
    it has a task in hand. A worker that runs on without a connection is judged by W15.
    """
    broker = StoppedLater()
    worker = bench.start_worker(faults=broker)
    worker.finishes(bench.send())
    if state == "busy":
        worker.receives(bench.send(dots=bench.subject.dots(0.3)))
    lost_at = bench.history.now

    if loss == "stopped":
        broker.stop()
    else:
        LOSSES[loss](worker)

    back = worker.is_back(lost_at, LONGEST_DELAY)
    if back is None:
        raise NotJudged("the worker neither comes back nor ends (W15)")
    if not back:
        judge(ended_as_a_failure(worker.exit_status()))


@clause("W46", "decodes-its-url", production, must, owed_by=worker, source=URIS)
def test_the_worker_decodes_its_url(bench: Bench) -> None:
    """The worker takes the user, the password and the virtual host from its URL percent-decoded, once.

    Its URL has a user, a password and a virtual host that have to be percent-encoded, as those of a password
    manager may. The broker lets every program in, and what the worker gave the broker is looked at. A part that
    the worker takes from elsewhere is not judged.
    """
    login = EncodedLogin(bench)

    worker = bench.start_worker(ready=False, faults=login.fault, url=login.into_url)
    worker.joins(bench.subject.start_seconds)

    login.is_given_decoded()


@clause("W47", "credentials-kept-quiet", production, should, owed_by=worker, source=LOGS)
def test_the_worker_keeps_credentials_out_of_its_output(bench: Bench) -> None:
    """The worker keeps its password out of its output, even if something goes wrong.

    The worker's URL has a password that is used nowhere else. The broker lets the worker in with it all the same.
    The worker finishes a task, loses its connection, and is told to leave. Other workers are refused by the broker,
    or have a URL that is not valid (a port that is no number, an unescaped slash in the password), or find no
    broker. These are watched for three times as long as a worker takes to start, and are then told to leave.
    """
    secret = f"password{secrets.token_hex(8)}"
    disguised, address = with_password(secret), bench.broker.address
    login = Credentials(address.user, address.password)
    worker = bench.start_worker(faults=login, url=disguised)
    if secret not in login.given:
        raise NotJudged("the worker takes no password from the URL that it is given")
    worker.finishes(bench.send())
    lost_at = bench.history.now
    worker.tap.cut()
    worker.is_back(lost_at)
    watched = 3 * worker.seconds_to_start
    urls = (disguised, lambda url: with_a_port_that_is_no_number(disguised(url)), with_password(f"{secret}/"))
    workers = [bench.start_worker(ready=False, url=url) for url in urls]
    _wait_for_their_ends(bench, workers, watched)
    with bench.broker_unreachable():
        alone = bench.start_worker(ready=False, url=disguised)
        _wait_for_their_ends(bench, [alone], watched)

    for each in (worker, *workers, alone):
        each.is_stopped_by_a_supervisor()
        judge(keeps_secret(secret, each.output))


def _wait_for_their_ends(bench: Bench, workers: Sequence[Worker], seconds: float) -> None:
    """Waits until all the workers have ended, at most `seconds`."""
    bench.history.wait(lambda _: not any(each.process.running for each in workers), seconds)


CANCELS = 3
"""How often a subscription is cancelled. Few times, because a worker's delays grow from one attempt to the next."""


@clause("W48", "leaves-nothing-behind", production, must, owed_by=worker, source=LEAKS, presumes=("B28",))
def test_a_worker_that_comes_back_leaves_nothing_behind(bench: Bench) -> None:
    """A worker that subscribes again after the broker has cancelled its subscription closes what it does not need
    any more: it does not leave a connection, channel, subscription or queue of its own open for each cancel.

    The worker's queue is deleted three times, and each time the worker must come back and take a task. Then fewer
    than three more of each kind may be open than before the first cancel: a library may close an old connection
    late.
    """
    client, worker = bench.connect(), bench.start_worker()
    worker.finishes(bench.send())
    before = worker.open_at_the_broker

    for _ in range(CANCELS):
        deleted_at = bench.delete_queue(client)
        if not worker.is_back(deleted_at):
            raise NotJudged("the worker does not come back when its subscription is cancelled (W14)")
        bench.queue_becomes(ready=0)
        worker.settles(bench.send())

    bench.eventually(lambda: nothing_left_behind(before, worker.open_at_the_broker, CANCELS))


@clause("W49", "killed-at-work-is-not-done", production, must, owed_by=worker, source=ACKNOWLEDGMENT)
def test_a_task_whose_process_is_killed_is_not_acknowledged(bench: Bench) -> None:
    """If the process that works on a task is killed, for example by the system because memory is short, the worker
    does not acknowledge the task, even if that process is a child of the worker.

    The worker has a task in hand that takes longer than anybody waits. Then the youngest of its processes gets a
    SIGKILL: a child, or the worker itself if it has no children. The worker may requeue the task, reject it, or
    hand it on to another queue before it acknowledges it here. A worker that may work on several tasks at once
    has as many in hand, so that each of its children has one, and none of them may be acknowledged.
    """
    worker = bench.start_worker()
    worker.finishes(bench.send())
    # A task that is not in the bench's list: an early acknowledgement is judged here, and not by W03.
    tasks = [new_task(bench.endless, random=bench.random) for _ in range(bench.subject.concurrency)]
    for task in tasks:
        bench.put(bench.message(task), shown=str(task))
    worker.fills_up(tasks)
    # Watched for as long as nothing may happen: by then the worker is at work.
    bench.history.wait(lambda _: not never_acknowledged(_deliveries(worker, tasks)), QUIET)
    if not never_acknowledged(_deliveries(worker, tasks)):
        raise NotJudged("the worker acknowledges the task before the work is done (W03)")

    worker.process.kill_youngest()

    bench.history.wait(
        lambda _: any(no_longer_held(worker.deliveries(task)[:1]) for task in tasks), EVENTUALLY
    )
    for task in tasks:
        if worker.deliveries(task):
            judge(not_acknowledged_though_killed(worker.deliveries(task), bench.ledger.publications, task))
