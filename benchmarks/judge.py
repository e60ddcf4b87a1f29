"""What a long history costs to judge: `python -m benchmarks.judge [EVENTS ...]`, of 10^4, 10^5 and 10^6 without.

A history of messages that are published, delivered and acknowledged is read into the ledgers of its worker and
its producer, which are judged by the clauses that hold always. `kept` keeps all events, as a test does; `streamed`
forgets each event as soon as it is read. Printed are the seconds of processor time, the events a second, the peak
of memory in megabytes (of the whole process, and what judging added), and the time of an event as a ratio to that
of the smallest size. Making the events is not measured. Judging is linear if the ratio stays the same from 10^5 on:
10^4 events fit into the processor's cache.
"""

import resource
import sys
import time
from collections.abc import Iterator, Sequence

from pamqp import base, commands

from workqueue_spec.broker.run import Run
from workqueue_spec.broker.whole_run import whole_run
from workqueue_spec.judgement.history import Event, History
from workqueue_spec.judgement.ledger import Ledger, Reader
from workqueue_spec.judgement.tasks import Task
from workqueue_spec.judgement.verdicts.always import broken_by_producer, broken_by_worker
from workqueue_spec.wiretap import Content, Frame, Side, WireEvent, marshal

from .processes import module, output
from .rows import Given, Row, Spread, at_most

A_MILLION = 1_000_000
SIZES = (10_000, 100_000, A_MILLION)
LONGEST = 10_000_000
"""The most events that can be measured."""
LINEAR = at_most(1.2)
"""The goal for the time of an event beside that of a tenth as many events."""
QUEUE = "task_queue"
WORKER, PRODUCER = "worker 1", "producer 1"
WORK = 0.5
"""Seconds of work for a dot; every other task has two. A worker holds one task at a time."""
CHUNK = 10_000
"""Events that are made, unmeasured, before they are read, when they are streamed."""


def tasks(events: int) -> list[tuple[Task, float]]:
    """The tasks of a history of this size, each with its seconds of work."""
    texts = ((n, 1 + n % 2) for n in range(events // 3))
    return [(Task(f"k{n:08x} resize" + dots * ".", f"k{n:08x}", dots), dots * WORK) for n, dots in texts]


def history(work: list[tuple[Task, float]]) -> Iterator[tuple[str, WireEvent]]:
    """The events of the tasks, with decoded frames, each with its party."""
    for opening in (
        (WORKER, Side.CLIENT, commands.Queue.Declare(0, QUEUE, durable=True)),
        (WORKER, Side.BROKER, commands.Queue.DeclareOk(QUEUE, 0, 0)),
        (WORKER, Side.CLIENT, commands.Basic.Consume(0, QUEUE, "consumer")),
        (WORKER, Side.BROKER, commands.Basic.ConsumeOk("consumer")),
    ):
        yield seen(*opening, at=0.0)
    for number, (task, seconds) in enumerate(work, 1):
        at = number * 2.5 * WORK
        yield seen(PRODUCER, Side.CLIENT, commands.Basic.Publish(0, "", QUEUE), at=at, body=task.body)
        deliver = commands.Basic.Deliver("consumer", number, False, "", QUEUE)
        yield seen(WORKER, Side.BROKER, deliver, at=at, body=task.body)
        yield seen(WORKER, Side.CLIENT, commands.Basic.Ack(number), at=at + seconds)


def seen(
    who: str, sender: Side, method: base.Frame, *, at: float, body: bytes | None = None
) -> tuple[str, WireEvent]:
    """An event of the wire, as the tap makes it."""
    frame = Frame(marshal(method, 1), 1)
    frame.decode()
    content = None if body is None else Content(commands.Basic.Properties(delivery_mode=2), body)
    return who, WireEvent(at, 1, 1, sender, name=frame.name, frame=frame, content=content)


def judge(worker: Ledger, producer: Ledger, of_worker: History, work: list[tuple[Task, float]]) -> None:
    """Asks the clauses that hold always; they must hold."""
    events = of_worker.events_of(WORKER)
    broken = [
        *broken_by_worker(worker.about(QUEUE), events, QUEUE, work),
        *broken_by_producer(producer, QUEUE, ("", QUEUE)),
    ]
    assert not broken, broken
    assert len(worker.deliveries) == len(producer.publications) == len(work)


def kept(events: int) -> tuple[float, float]:
    """The seconds of judging a history that keeps its events, and the megabytes before."""
    work, whole = tasks(events), History()
    for who, wire in history(work):
        whole.add_wire(who, wire)
    before, began = peak(), time.process_time()
    judge(whole.ledger(WORKER), whole.ledger(PRODUCER), whole, work)
    return time.process_time() - began, before


def streamed(events: int) -> tuple[float, float]:
    """The seconds of judging events that are forgotten once they are read, and the megabytes before."""
    work, readers, took = tasks(events), {WORKER: Reader(), PRODUCER: Reader()}, 0.0
    before, chunk = peak(), list[tuple[str, Event]]()

    def read() -> float:
        began = time.process_time()
        for who, event in chunk:
            readers[who].read(event)
        chunk.clear()
        return time.process_time() - began

    for who, wire in history(work):
        chunk.append((who, Event(wire.at, who, wire.name, "", wire)))
        if len(chunk) == CHUNK:
            took += read()
    took += read()
    began = time.process_time()
    judge(readers[WORKER].ledger, readers[PRODUCER].ledger, History(), work)
    return took + time.process_time() - began, before


def peak() -> float:
    """The most memory of this process so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


WAYS = {"kept": kept, "streamed": streamed}


def one(way: str, events: int, run: Run) -> tuple[float, float, float]:
    """The seconds of judging the events in a process of its own, its megabytes before, and its most megabytes."""
    seconds, before, most = map(float, output(module("judge", "--one", way, str(events)), run).split())
    return seconds, before, most


def measure(given: Given) -> Iterator[Row]:
    """For each way and size, the seconds, the memory, and the time of an event beside a tenth as many events."""
    for way in WAYS:
        smaller: tuple[float, ...] = ()
        for events in _sizes(way, given.events):
            found = [one(way, events, given.run) for _ in range(given.few_rounds)]
            seconds, before, most = zip(*found, strict=True)
            yield from _rows(f"{events:,} events, {way}", events, seconds, before, most)
            if smaller:
                times = tuple(value / other / 10 for value, other in zip(seconds, smaller, strict=True))
                goal = LINEAR if events >= A_MILLION else None
                yield Row(
                    f"{events:,} events, {way}: time of an event",
                    f"{events // 10:,} events",
                    times,
                    goal=goal,
                )
            smaller = seconds


def _sizes(way: str, most: int) -> list[int]:
    """The sizes up to `most`. More than a million are streamed only: kept, they would need gigabytes."""
    largest = most if way == "streamed" else min(most, A_MILLION)
    return [size for size in (*SIZES, LONGEST) if size <= largest]


def _rows(
    what: str, events: int, seconds: Sequence[float], before: Sequence[float], most: Sequence[float]
) -> Iterator[Row]:
    is_goal = events == A_MILLION
    yield Row(what, "", tuple(seconds), "s", at_most(3) if is_goal else None)
    added = tuple(after - first for after, first in zip(most, before, strict=True))
    note = f"{Spread.of(most).median:.0f} MB with the process and the events that it holds"
    yield Row(
        f"{what}: memory that judging adds", "", added, "MB", at_most(300) if is_goal else None, note=note
    )


def main() -> None:
    """Measures each size in a process of its own, and prints."""
    if sys.argv[1:2] == ["--one"]:
        seconds, before = WAYS[sys.argv[2]](int(sys.argv[3]))
        print(seconds, before, peak())
        return
    print(
        f"{'':<9} {'events':>10} {'seconds':>8} {'events/s':>9} {'peak MB':>8} {'added MB':>8} {'ratio':>6}"
    )
    with whole_run() as run:
        for way in WAYS:
            first = 0.0
            for events in [int(each) for each in sys.argv[1:]] or SIZES:
                seconds, before, most = one(way, events, run)
                first = first or seconds / events
                print(
                    f"{way:<9} {events:>10} {seconds:>8.2f} {events / seconds:>9.0f} {most:>8.0f}"
                    f" {most - before:>8.0f} {seconds / events / first:>6.2f}"
                )


if __name__ == "__main__":
    main()
