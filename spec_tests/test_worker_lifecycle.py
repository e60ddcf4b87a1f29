"""The worker's life: how it starts, keeps its connection, comes back, and leaves."""

import secrets
import signal
from collections.abc import Callable, Sequence

import pytest

from workqueue_spec.bench.bench import Bench, Faults
from workqueue_spec.bench.faults import (
    Credentials,
    Door,
    Fault,
    StoppedLater,
    garbled,
    nobody_says_a_word,
    with_password,
)
from workqueue_spec.bench.logins import EncodedUrl
from workqueue_spec.bench.parties import LONGEST_DELAY, SUPERVISORS_GRACE, Worker
from workqueue_spec.judgement.tasks import Task, new_task
from workqueue_spec.judgement.verdicts import NotJudged, judge
from workqueue_spec.judgement.verdicts.connecting import done_once, keeps_connections, noticed_silence
from workqueue_spec.judgement.verdicts.failing import no_longer_held
from workqueue_spec.judgement.verdicts.keeping import still_holds
from workqueue_spec.judgement.verdicts.leaking import nothing_left_behind
from workqueue_spec.judgement.verdicts.leaving import (
    ended_as_a_failure,
    gone_promptly,
    left_after_its_work,
    left_promptly,
    left_untouched,
)
from workqueue_spec.judgement.verdicts.lifecycle import keeps_quiet, refusal_is_reported
from workqueue_spec.judgement.verdicts.protocol import announces
from workqueue_spec.judgement.verdicts.settlement import (
    all_settled,
    names_no_old_tag,
    never_acknowledged,
    no_old_tag_so_far,
)
from workqueue_spec.specification.clauses import clause, core, must, production, should, worker
from workqueue_spec.timeouts import EVENTUALLY, QUIET
from workqueue_spec.wiretap import with_heartbeat

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


LONGEST_TASK = 5.0
"""Seconds for a task that is to last for longer than its worker takes to come back."""

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

    It loses its connection with nothing in hand, which shows how long it takes to come back. It has finished some
    tasks then, so its tags are not those of a fresh channel, and loses its connection again, at the beginning of a
    task that lasts for longer than that. Back again, each settlement must name what it holds there, and that task
    must be finished as the broker delivers it anew.
    """
    worker = bench.start_worker()
    seconds_to_return = _comes_back_from(LOSSES[loss], worker, bench)
    for task in [bench.send() for _ in range(5)]:
        worker.finishes(task)
    task = bench.send(dots=bench.subject.dots(min(1.0 + 2 * seconds_to_return, LONGEST_TASK)))
    worker.receives(task)
    before = bench.history.now

    _comes_back_from(LOSSES[loss], worker, bench)

    for other in [task, *(bench.send() for _ in range(3))]:
        _finishes_or_names_an_old_tag(bench, worker, other, before)
    bench.stays(lambda: names_no_old_tag(worker.ledger, before))


def _comes_back_from(loss: Callable[[Worker], None], worker: Worker, bench: Bench) -> float:
    """The seconds that it takes."""
    before = bench.history.now
    loss(worker)
    if not worker.is_back(before):
        raise NotJudged("the worker does not come back, so it has no new channel (W15)")
    return bench.history.now - before


def _finishes_or_names_an_old_tag(bench: Bench, worker: Worker, task: Task, since: float) -> None:
    def decided() -> bool:
        finished = any(each.acknowledged for each in worker.deliveries(task))
        return finished or not no_old_tag_so_far(worker.ledger, since)

    bench.history.wait(lambda _: decided(), EVENTUALLY + 2 * task.dots * bench.subject.seconds_per_dot)
    judge(no_old_tag_so_far(worker.ledger, since))
    worker.finishes(task)


@clause("W18", "leaves-on-sigint", core, must, owed_by=worker, source=SUPERVISORS)
def test_an_idle_worker_leaves_when_interrupted(bench: Bench) -> None:
    """An idle worker that gets SIGINT (Ctrl-C) leaves promptly and with status 0.

    It has finished a task and has no other. Promptly is five seconds: half of what `docker stop` allows.
    """
    worker = _idle(bench)

    worker.interrupt()

    judge(left_promptly(*worker.leaves()))


def _before_a_silent_broker(bench: Bench) -> Worker:
    silence = nobody_says_a_word()
    worker = bench.start_worker(ready=False, faults=silence)
    _is_left_without_an_answer(bench, worker, silence)
    return worker


def _back_at_a_silent_broker(bench: Bench) -> Worker:
    silence, worker = nobody_says_a_word(), _idle(bench)
    silence(worker.tap)
    worker.tap.cut()
    _is_left_without_an_answer(bench, worker, silence)
    return worker


def _is_left_without_an_answer(bench: Bench, worker: Worker, silence: Fault) -> None:
    bench.history.wait(lambda _: silence.came or not worker.process.running, EVENTUALLY)
    if not silence.came:
        raise NotJudged("the worker does not try to connect (W15, W24)")


def _in_a_silent_network(bench: Bench) -> Worker:
    worker = _idle(bench)
    worker.tap.black_hole()
    return worker


def _cut_off_from_its_task(bench: Bench) -> Worker:
    worker = _idle(bench)
    task = bench.send(bench.subject.dots(1.0))
    worker.receives(task)
    bench.history.wait(
        lambda _: not never_acknowledged(worker.deliveries(task)), QUIET
    )  # it is at work by then
    worker.tap.cut()
    worker.loses_its_connections()
    return worker


TROUBLES: dict[str, Callable[[Bench], Worker]] = {
    "before a silent broker": _before_a_silent_broker,
    "back at a silent broker": _back_at_a_silent_broker,
    "in a silent network": _in_a_silent_network,
    "cut off from its task": _cut_off_from_its_task,
}


@clause("W35", "leaves-on-sigterm", production, must, owed_by=worker, source=SUPERVISORS)
@pytest.mark.parametrize("state", ["idle", "waiting for the broker", *TROUBLES])
def test_an_idle_worker_leaves_when_terminated(bench: Bench, state: str) -> None:
    """An idle worker that gets SIGTERM leaves promptly and with status 0; one that has no connection, or hears
    nothing from the broker, leaves in time, too, with any status.

    It has finished a task and has no other. Promptly is five seconds: half of what `docker stop` allows. One that
    waits for a broker that is not there yet leaves as promptly. All that `docker stop` allows, ten seconds, has one
    that has connected, for the first time or again, to a broker that says nothing; one whose network has gone
    silent; and one that has lost its connection in the middle of a task, beside the time that the task takes when
    it is done twice.
    """
    if state == "idle":
        worker = _idle(bench)
        worker.terminate()
        judge(left_promptly(*worker.leaves()))
    elif state in TROUBLES:
        worker = TROUBLES[state](bench)
        worker.terminate()
        twice = 2 * bench.subject.dots(1.0) * bench.subject.seconds_per_dot
        work = twice if state == "cut off from its task" else 0.0
        judge(gone_promptly(worker.is_gone(work), SUPERVISORS_GRACE + work))
    else:
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
    it is killed, as `docker stop` does it.
    """
    worker = bench.start_worker()
    worker.finishes(bench.send())
    task = bench.send_endless()
    worker.receives(task)
    bench.stays(lambda: never_acknowledged(worker.deliveries(task)))

    worker.is_stopped_by_a_supervisor(by)

    judge(never_acknowledged(worker.deliveries(task)))
    bench.queue_becomes(ready=1)


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


@clause("W50", "a-loss-is-no-success", production, must, owed_by=worker, source=SUPERVISORS)
@pytest.mark.parametrize(
    ("loss", "state"), [("stopped", "idle"), ("closed", "idle"), ("stopped", "busy"), ("reset", "busy")]
)
def test_a_lost_connection_is_no_success(bench: Bench, loss: str, state: str) -> None:
    """A worker that has lost its connection comes back, or ends with a status other than 0: whoever ends with 0
    has done what it was told, and many supervisors do not start it again.

    The broker says that it is being stopped and closes the connection (320), or the connection ends without a
    word, by a FIN or a RST, while the worker is idle or has a task in hand. A worker that lives on without a
    connection is judged by W15.
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


@clause("W51", "decodes-its-url", production, must, owed_by=worker, source=URIS)
def test_the_worker_decodes_its_url(bench: Bench) -> None:
    """The worker takes user, password and virtual host from its URL percent-decoded, once.

    Its URL bears a user, a password and a virtual host that need it, as those of a password manager may. The broker
    lets in whoever comes, and what the worker gave is looked at. A worker that takes them from elsewhere cannot
    be judged.
    """
    url = EncodedUrl(bench)

    worker = bench.start_worker(faults=url.login, url=url.of, ready=False)
    worker.joins(bench.subject.start_seconds)

    url.is_taken_decoded()


@clause("W52", "credentials-kept-quiet", production, should, owed_by=worker, source=LOGS)
def test_the_worker_keeps_credentials_out_of_its_output(bench: Bench) -> None:
    """The worker keeps its password out of its output, in trouble too.

    Its URL bears a password that is nowhere else. It is let in with it all the same, finishes a task, loses its
    connection and is told to leave. Others are refused by the broker, or have a URL that makes no sense (a port
    that is no number, a slash in the password that is not escaped), or find no broker. They are watched for three
    times as long as a worker takes to start, and then told to leave.
    """
    secret = f"password{secrets.token_hex(8)}"
    disguised, address = with_password(secret), bench.broker.address
    door = Credentials(address.user, address.password)
    worker = bench.start_worker(faults=door, url=disguised)
    if secret not in door.shown:
        raise NotJudged("the worker takes no password from the URL that it is given")
    worker.finishes(bench.send())
    lost_at = bench.history.now
    worker.tap.cut()
    worker.is_back(lost_at)
    watched = 3 * worker.seconds_to_start
    urls = (disguised, lambda url: garbled(disguised(url)), with_password(f"{secret}/"))
    workers = [bench.start_worker(ready=False, url=url) for url in urls]
    _run_their_course(bench, workers, watched)
    with bench.broker_unreachable():
        alone = bench.start_worker(ready=False, url=disguised)
        _run_their_course(bench, [alone], watched)

    for each in (worker, *workers, alone):
        each.is_stopped_by_a_supervisor()
        judge(keeps_quiet(secret, each.process.output))


def _run_their_course(bench: Bench, workers: Sequence[Worker], seconds: float) -> None:
    bench.history.wait(lambda _: not any(each.process.running for each in workers), seconds)


CANCELS = 3
"""How often a subscription is cancelled. Delays grow from one attempt to the next."""


@clause("W53", "leaves-nothing-behind", production, must, owed_by=worker, source=LEAKS, presumes=("B28",))
def test_a_worker_that_comes_back_leaves_nothing_behind(bench: Bench) -> None:
    """A worker that subscribes again after a cancel by the broker closes what it does not need any more: no
    connection, channel or subscription is left over for each cancel.

    The queue is deleted under it three times, and each time it must come back and finish a task. No kind of
    thing may have grown by one for each time; a library may close an old connection late.
    """
    somebody, worker = bench.connect(), bench.start_worker()
    worker.finishes(bench.send())
    before = worker.left_open

    for _ in range(CANCELS):
        deleted_at = somebody.deletes(bench.subject.queue)
        if not worker.is_back(deleted_at):
            raise NotJudged("the worker does not come back when its subscription is cancelled (W14)")
        bench.queue_becomes(ready=0)
        worker.finishes(bench.send())

    bench.eventually(lambda: nothing_left_behind(before, worker.left_open, CANCELS))


@clause("W54", "killed-at-work-is-not-done", production, must, owed_by=worker, source=ACKNOWLEDGMENT)
def test_a_task_whose_process_is_killed_is_not_acknowledged(bench: Bench) -> None:
    """A worker does not acknowledge a task whose process was killed at work, by the system when memory is short,
    say: not if that is a child of its own either.

    It has a task in hand that takes longer than anybody waits, when that of its processes which was started last
    gets SIGKILL: a child, or the worker itself if it has none. The task may be given back, rejected or tried again.
    """
    worker = bench.start_worker()
    worker.finishes(bench.send())
    task = new_task(bench.subject.dots(4 * EVENTUALLY), random=bench.random)  # one that W03 is not asked of
    bench.put(bench.message(task), shown=str(task))
    worker.receives(task)
    bench.history.wait(
        lambda _: not never_acknowledged(worker.deliveries(task)), QUIET
    )  # it is at work by then
    if not never_acknowledged(worker.deliveries(task)):
        raise NotJudged("the task is acknowledged before its work is done (W03)")

    worker.process.kill_youngest()

    bench.history.wait(lambda _: no_longer_held(worker.deliveries(task)[:1]), EVENTUALLY)
    judge(never_acknowledged(worker.deliveries(task)))
