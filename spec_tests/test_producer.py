"""The producer: what a program that puts tasks on the queue must do.

The producer is judged by what it sends to the broker, and by how it ends.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.faults import (
    Credentials,
    HeldTask,
    SmallFrames,
    cut_at_the_confirm,
    slow_line,
    unable_to_declare,
)
from workqueue_spec.bench.logins import EncodedLogin
from workqueue_spec.bench.parties import ProducerRun
from workqueue_spec.bench.standing_in import declare_for, puts_on_the_queue
from workqueue_spec.judgement.tasks import Task, any_words
from workqueue_spec.judgement.verdicts import NotJudged, judge
from workqueue_spec.judgement.verdicts.declaring import declared_durable, nobody_refused
from workqueue_spec.judgement.verdicts.framing import FrameSizes, keeps_to_frame_max, large_enough_frame_max
from workqueue_spec.judgement.verdicts.keeping import asks_for_no_removal, removes_nothing, still_holds
from workqueue_spec.judgement.verdicts.lifecycle import (
    fails_and_says_why,
    refusal_is_reported,
    turned_away,
)
from workqueue_spec.judgement.verdicts.publishing import (
    arrives_whole,
    exactly_one,
    persistent,
    published_to,
)
from workqueue_spec.judgement.verdicts.reporting import in_order, is_sent
from workqueue_spec.judgement.verdicts.waiting import lets_tasks_wait
from workqueue_spec.specification.clauses import clause, core, must, producer, production, should

from .sources import (
    AMQP_BASIC,
    AMQP_ORDER,
    AMQP_TUNING,
    DURABILITY,
    EXPIRATION,
    FRAME_MAX,
    LENGTH_LIMIT,
    PUBLISHERS,
    QUEUES,
    TUTORIAL_ONE,
    TUTORIAL_TWO,
    URIS,
)

LONG = ["many" * 5_000] * 8
"""Words that fill more than one frame. They are few, since each is an argument of its own: a program whose launcher
is a shell script takes minutes for 30 000 of them."""

Draw = Callable[[random.Random], list[str]]

TEXTS: dict[str, list[str] | Draw] = {
    "accents": ["Grüße", "aus", "Łódź"],
    "many scripts": ["Привет", "世界", "नमस्ते", "こんにちは"],
    "beyond the first plane": ["👩\u200d👩\u200d👧", "𒀀𒀁", "🏳\ufe0f\u200d🌈"],
    "right to left": ["שלום", "مرحبا", "\u202eabc\u202c"],
    "combining": ["e\u0301", "\u00e9", "Z\u0361\u0308algo"],
    "white space": ["two\nlines", "a\ttab", " spaces  around ", "\r\n"],
    "quotes and the like": ['"', "'", "\\", "$HOME", "%s", "{}", "<b>&amp;", "*", "\x1b[31m", "\x7f"],
    "escapes": [r"a\tb\n", r"\x41\u00e9", "%41%20", "&amp;", "%%", "{{}}", "`id`", "$(id)", "@a", "~", "#c"],
    "invisible": ["\ufeffmark", "zero\u200bwidth", "soft\u00adhyphen", "\x01\x1f\x80"],
    "an empty word": ["an", "", "empty", "word", ""],
    "100 kB in one word": ["x" * 100_000],
    "more than a frame": ["ä" * 50_000, *["many" * 1_000] * 9, "漢" * 30_000, "end"],
    "many words": ["many"] * 1_000,
    "any characters": partial(any_words, most=2_000),
    "nearly all that a command line holds": partial(any_words, most=250_000),
}


@contextmanager
def declared_otherwise(bench: Bench) -> Iterator[ProducerRun]:
    """406: the queue already exists, with messages on it and with an argument that no producer expects."""
    owner = bench.connect_sender()
    bench.declare_otherwise(owner, x_max_length=bench.random.randint(50_000, 60_000))
    kept = [owner.publishes(bench.subject.queue) for _ in range(2)]
    refused = bench.produce("a", "task.")
    yield refused
    judge(still_holds(bench.subject.queue, bench.queue(), ready=len(kept)))


@contextmanager
def in_use_by_another(bench: Bench) -> Iterator[ProducerRun]:
    """405: the queue already exists, and is exclusive to another connection."""
    bench.declare_otherwise(bench.connect(), exclusive=True, x_queue_type=None)
    yield bench.produce("a", "task.")


@contextmanager
def not_let_in(bench: Bench) -> Iterator[ProducerRun]:
    """403: the password is wrong."""
    yield bench.produce("a", "task.", faults=Credentials(bench.broker.address.user, "wrong"))


@contextmanager
def unable_to_declare_queues(bench: Bench) -> Iterator[ProducerRun]:
    """541: the broker has an error of its own whenever a queue is declared."""
    yield bench.produce("a", "task.", faults=unable_to_declare())


REFUSALS: dict[str, Callable[[Bench], AbstractContextManager[ProducerRun]]] = {
    "406": declared_otherwise,
    "405": in_use_by_another,
    "403": not_let_in,
    "541": unable_to_declare_queues,
}


@clause("P01", "persistent", core, must, owed_by=producer, source=DURABILITY)
def test_tasks_are_persistent(bench: Bench) -> None:
    """Every task is published as a persistent message (delivery_mode 2).

    Judged by what passes on the wire, for short tasks and a long one, and for what the producer sends when a
    confirm is lost. A restart of the broker would not show the difference, because a quorum queue keeps transient
    messages, too.
    """
    for words in (["First", "task."], ["a", "second", "one", "..."], bench.subject.fitting(LONG)):
        judge(persistent(puts_on_the_queue(bench, *words).ledger.publications))
    retried = bench.produce("a", "task.", faults=cut_at_the_confirm())
    retried.ends_in_time()
    judge(persistent(retried.ledger.publications))


@clause(
    "P07",
    "declares-as-the-worker-does",
    core,
    must,
    owed_by=producer,
    source=TUTORIAL_TWO,
    presumes=("B02", "B34"),
    for_both=True,
)
def test_producer_and_worker_agree_on_the_queue(bench: Bench, other_bench: Bench) -> None:
    """The producer declares the queue before it publishes, exactly as the worker does, so that either of them may
    start first.

    First the producer starts before the worker: its task must wait on the queue, and the worker that starts then
    must finish it. Then, in another virtual host, the worker starts before the producer, and must also finish the
    task. The broker must not refuse anything to either of them.
    """
    task = bench.task()
    bench.produce(*task.text.split()).succeeds()
    bench.queue_becomes(ready=1)
    bench.start_worker().finishes(task)
    judge(nobody_refused(bench.ledger.closed))

    task = other_bench.task()
    worker = other_bench.start_worker()
    other_bench.produce(*task.text.split()).succeeds()
    worker.finishes(task)
    judge(nobody_refused(other_bench.ledger.closed))


@clause(
    "P08",
    "refusal-is-reported",
    core,
    must,
    owed_by=producer,
    source=QUEUES,
    presumes=("B02", "B03", "B04"),
)
@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_a_refused_producer_says_so_and_leaves(
    bench: Bench, refusal: Callable[[Bench], AbstractContextManager[ProducerRun]]
) -> None:
    """If the broker refuses the producer, the producer ends with a status other than 0 and reports the broker's
    reason. It never deletes the queue.

    The queue already exists, with messages on it and with an argument that no producer expects (406); or it is
    exclusive to another connection (405); or the password is wrong (403); or the broker fails whenever a queue is
    declared (541). The producer must say so, and leave the queue as it is. If the broker gives no reason but only
    ends the connection, any text in the output will do.
    """
    with refusal(bench) as refused:
        status, book = refused.gives_up(), refused.ledger
        judge(asks_for_no_removal(book, bench.subject.queue))
        refused_by_the_broker = any(end.is_refusal for end in book.closed)
        if status == 0 and not refused_by_the_broker:
            raise NotJudged("the producer asks for nothing that the broker could refuse")
        output = refused.output
        if refused_by_the_broker:
            judge(refusal_is_reported(status, output, book.closed))
        else:
            # A client without authentication_failure_close is not told why its login fails: its connection ends.
            judge(turned_away(book))
            judge(fails_and_says_why(status, output))


@clause("P09", "texts-arrive-whole", core, must, owed_by=producer, source=AMQP_BASIC)
@pytest.mark.parametrize("words", TEXTS.values(), ids=TEXTS)
def test_task_texts_arrive_whole(bench: Bench, words: list[str] | Draw) -> None:
    """A task's text arrives whole, whatever is in it: any UTF-8, white space, more than a frame can hold.

    Judged by the bytes that go to the broker. The text must be in them as UTF-8, alone or in an envelope, or as a
    string in a JSON document. No word begins with a dash, because a program may take such a word for an option.
    """
    given = bench.subject.fitting(words if isinstance(words, list) else words(bench.random))
    judge(arrives_whole(puts_on_the_queue(bench, *given).ledger.publications, " ".join(given)))
    bench.queue_becomes(ready=1)


@clause("P10", "default-exchange", core, must, owed_by=producer, source=TUTORIAL_ONE)
def test_tasks_go_to_the_queue_by_its_name(bench: Bench) -> None:
    """The producer publishes through the default exchange, with the queue's name as the routing key, if no other
    exchange and routing key are agreed.
    """
    for words in (["a", "task."], bench.subject.fitting(LONG)):
        published = puts_on_the_queue(bench, *words).ledger.publications
        judge(published_to(published, *bench.subject.route))


@clause("P13", "success-is-at-the-broker", core, must, owed_by=producer, source=PUBLISHERS)
@pytest.mark.parametrize("also", ["", "long" * 5_000], ids=["a short task", "a long task"])
def test_what_is_reported_as_sent_is_at_the_broker(bench: Bench, also: str) -> None:
    """When the producer ends with status 0, its task is at the broker. The producer does not leave while the task
    is still on its way, not even when it is told to leave (SIGINT, SIGTERM).

    The task is held back on its way, and so is everything that the producer sends after it. As long as it is held
    back, the producer must not end with status 0. Then it is released: the producer must end with status 0, and
    the task must be on the queue. Two other producers get a signal each, SIGINT and SIGTERM, while their tasks are
    held back, and must not end with status 0 either.
    """
    producing, line, task = _held_back(bench, also)

    producing.reports_nothing_yet()
    declare_for(bench, producing)

    line.release()
    producing.succeeds()
    bench.queue_delivers(task)

    interrupted, *_ = _held_back(bench, also)
    terminated, *_ = _held_back(bench, also)

    interrupted.interrupt()
    terminated.terminate()

    interrupted.reports_nothing_yet()
    terminated.reports_nothing_yet()


def _held_back(bench: Bench, also: str) -> tuple[ProducerRun, HeldTask, Task]:
    line, task = HeldTask(), bench.task(words=1, also=also)
    producing = bench.produce(*task.text.split(), faults=line)
    bench.eventually(lambda: is_sent(line.happened_at), delay=bench.subject.start_seconds)
    return producing, line, task


@clause("P14", "keeps-the-order", production, should, owed_by=producer, source=AMQP_ORDER, presumes=("B16",))
def test_tasks_keep_their_order(bench: Bench) -> None:
    """Tasks that are sent one after the other arrive on the queue in that order.

    The producer runs several times, one run after the other, each over a connection of a different speed. A fast
    run must not overtake a slow one that reported success before the fast one began.
    """
    tasks = [bench.task() for _ in range(4)]
    for task, seconds in zip(tasks, (0.1, 0.0, 0.05, 0.0), strict=True):
        puts_on_the_queue(bench, *task.text.split(), faults=slow_line(seconds))

    bench.queue_delivers(tasks[-1])
    judge(in_order(bench.ledger.deliveries, tasks))


@clause("P17", "one-task-a-run", core, must, owed_by=producer, source=TUTORIAL_TWO)
@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["First", "task."], "First task."),
        (["one"], "one"),
        (
            ["the", "task", "the", "Worker", "does", "again", "and", "again", "....."],
            "the task the Worker does again and again .....",
        ),
    ],
    ids=["two words", "one word", "many words"],
)
def test_one_run_publishes_one_task(bench: Bench, words: list[str], text: str) -> None:
    """One run publishes one task. The task's text is the words of the run, joined by a space."""
    judge(exactly_one(puts_on_the_queue(bench, *words).ledger.publications, text))
    bench.queue_becomes(ready=1)


@clause("P18", "declares-durable", core, must, owed_by=producer, source=DURABILITY)
def test_the_producer_declares_a_durable_queue(bench: Bench) -> None:
    """If the producer declares the queue, it declares the queue durable, not exclusive and not auto-delete, so
    that the tasks survive the end of the programs and a restart of the broker.
    """
    producing = puts_on_the_queue(bench, "a", "task.")
    judge(declared_durable(producing.ledger.declarations, bench.subject.queue))
    bench.queue_becomes(ready=1)


@clause("P20", "removes-nothing", core, must, owed_by=producer, source=TUTORIAL_TWO)
def test_the_producer_removes_nothing(bench: Bench) -> None:
    """The producer never removes what others have queued: it neither purges nor deletes the queue.

    The producer runs several times, first when the queue does not exist yet, then when the queue holds tasks. The
    wire must show no purge and no delete of the queue, and every task must be on the queue.
    """
    runs = bench.random.randint(2, 4)
    for _ in range(runs):
        judge(removes_nothing(puts_on_the_queue(bench, "a", "task.").ledger, bench.subject.queue))
    bench.queue_becomes(ready=runs)


@clause("P21", "lets-tasks-wait", production, must, owed_by=producer, source=f"{EXPIRATION}; {LENGTH_LIMIT}")
def test_the_producer_lets_tasks_wait(bench: Bench) -> None:
    """Nothing that the producer asks of the broker causes a task to be dropped because no worker comes for it, or
    while it waits to be tried again.

    Its messages, short and long, have no `expiration`. If it declares the queue, it sets no `x-expires`. It sets
    `x-message-ttl` only if the messages that are too old go to a dead letter exchange. It limits the queue's length
    only if the messages over the limit go to a dead letter exchange or are refused (`x-overflow`). If it declares a
    retry queue, whose dead letters come back to this queue, the retry queue does not expire (`x-expires`) before
    its messages do.
    """
    for words in (["a", "task."], bench.subject.fitting(LONG)):
        judge(lets_tasks_wait(puts_on_the_queue(bench, *words).ledger, bench.subject.queue))


@clause("P24", "hello-world", core, should, owed_by=producer, source=TUTORIAL_TWO)
def test_without_words_the_task_is_hello_world(bench: Bench) -> None:
    """A run without words publishes one task, whose text is `Hello World!`.

    It is the text of the tutorial. Some ports of it send another one, an empty one, or ask for words. A service is
    asked for a task by its text, so it is not judged.
    """
    if bench.subject.service is not None:
        raise NotJudged("a service is asked for a task by its text")
    producing = bench.produce()
    producing.ends_in_time()
    judge(exactly_one(producing.ledger.publications, "Hello World!"))


@clause("P22", "decodes-its-url", production, must, owed_by=producer, source=URIS)
def test_the_producer_decodes_its_url(bench: Bench) -> None:
    """The producer takes the user, the password and the virtual host from its URL percent-decoded, once.

    Its URL has a user, a password and a virtual host that have to be percent-encoded, as those of a password
    manager may. The broker lets every program in, and what the producer gave the broker is looked at. A part that
    the producer takes from elsewhere is not judged.
    """
    login = EncodedLogin(bench)

    bench.produce("a", "task.", faults=login.fault, url=login.into_url).ends_in_time()

    login.is_given_decoded()


@clause("P25", "keeps-to-frame-max", production, must, owed_by=producer, source=AMQP_TUNING)
def test_the_producer_keeps_to_the_frame_max(bench: Bench) -> None:
    """The producer agrees to no larger `frame_max` than the broker offers, and sends no larger frame than agreed.

    The broker offers 8192 bytes, as it may be configured to, and the task has 20 kB. The producer may answer less
    than is offered. If it answers 0, which means no limit, its frames must fit into what is offered. A frame whose
    payload alone has `frame_max` bytes is accepted, because RabbitMQ accepts it.
    """
    task = bench.task(words=1, also=bench.random.randbytes(10_000).hex())
    producing, sizes = _with_small_frames(bench, task)
    if declare_for(bench, producing):
        producing, sizes = _with_small_frames(bench, task)

    judge(keeps_to_frame_max(sizes))
    producing.succeeds()
    bench.queue_delivers(task)


def _with_small_frames(bench: Bench, task: Task) -> tuple[ProducerRun, Sequence[FrameSizes]]:
    """A run of the producer that has ended, or that has not in time."""
    line = SmallFrames()
    producing = bench.produce(*task.text.split(), faults=line)
    producing.ends_in_time()
    return producing, line.sizes


@clause("P26", "agrees-to-8192", production, should, owed_by=producer, source=FRAME_MAX)
def test_the_producer_agrees_to_8192_bytes(bench: Bench) -> None:
    """The `frame_max` that the producer agrees to is at least 8192 bytes.

    RabbitMQ refuses less from 4.1 on, and accepts less before. The producer may answer 0, which means no limit, and
    all that the broker offers, if that is less.
    """
    producing = bench.produce("a", "task.")
    producing.ends_in_time()
    judge(large_enough_frame_max(producing.ledger))
