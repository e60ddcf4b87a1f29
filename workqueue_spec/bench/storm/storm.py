"""A storm: producers, workers and a broker in use, while a schedule of faults strikes them; and the drain after it.

How it works. The storm's thread makes the faults of the schedule, one after the other, and ends those that last
when their time has come. Between them it sends tasks, so that the workers always have some, and replaces workers
that have ended. All that it does goes into the history of the bench, with what the taps see. The judge
(`Conservation`) reads this history while it grows; the recording writes it to a file.
"""

import functools
import math
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from ...broker.control import Counts
from ...errors import SetupError
from ...judgement.storm import COUNTED, FAULT, OVER, TASK, task_text
from ...judgement.unread import Unread
from ...judgement.verdicts import Verdict
from ...judgement.verdicts.conserving import Conservation
from ...report.storm_history import Recording
from ...timeouts import EVENTUALLY, LEAVES, ON_DISK, POLL
from ..bench import Bench
from ..parties import LONGEST_DELAY, Worker
from ..supervisor import Supervisor
from .faults import End, strike_broker, strike_worker
from .producers import Producers
from .schedule import KILLS_OF_NODES, OF_NODES, OF_PRODUCERS, OF_THE_WHOLE_BROKER, Fault, FaultKind, schedule

WORKERS = 2
_MOST_AT_WORK = 8
"""The most tasks at work for which the queue is kept filled: more tasks would only take time."""
_STOCK = 4
"""How many tasks are kept unfinished for each task that one worker works on: some in hand, and some in the
queue."""
_ENOUGH = 100
"""Tasks that are owed and not finished. No more are sent then: workers that settle tasks before their work would be
sent tasks without end."""
_LOOKS = 3 * POLL
"""Seconds between two looks at the schedule."""


class Storm:
    """The storm of one test."""

    def __init__(
        self,
        bench: Bench,
        seconds: float,
        *,
        of_nodes: bool = False,
        recording: Recording | None = None,
        show: Callable[[str], None] = lambda line: None,
    ) -> None:
        """Faults are made for that many seconds; with `of_nodes` by single nodes of a cluster in place of the whole
        broker. The recording gets the events; `show` is told what goes on.
        """
        self._bench = bench
        self.seconds = seconds
        self._producers = Producers(bench)
        self._of_nodes = of_nodes
        self.schedule = schedule(bench.random, seconds, self._kinds(), WORKERS)
        self.judge = Conservation(bench.subject.queues, bench.subject.route, bench.subject.prefetch)
        self._unread = Unread(bench.history.growing)
        self._recording = recording
        self._show = show
        self._ends: list[tuple[float, Fault, str, End]] = []
        """The faults that last now: when each is over, whom it struck, and what ends it."""
        self._stopped: Worker | None = None
        """The worker that was stopped last, until the next fault."""
        self._struck = 0
        self._broker_away = 0.0
        """Seconds that restarts of the broker took. The schedule's clock stands still meanwhile, or else all the
        faults of that time would strike at once."""
        if recording is not None:
            recording.begins([fault.as_data() for fault in self.schedule])

    @functools.cached_property
    def _supervisor(self) -> Supervisor:
        """Keeps the workers running. They start when this is asked for first."""
        return Supervisor(self._bench, WORKERS)

    def _kinds(self) -> list[FaultKind]:
        """The kinds of fault that can be made here."""
        left_out = set(OF_THE_WHOLE_BROKER if self._of_nodes else OF_NODES)
        if not self._producers.are_there:
            left_out |= OF_PRODUCERS
        if self._bench.broker.product != "RabbitMQ":
            left_out.add(FaultKind.OUT_OF_MEMORY)
        return [kind for kind in FaultKind if kind not in left_out]

    def rages(self) -> None:
        """Makes the faults of the schedule, while tasks are sent and worked on."""
        self._supervisor.replaces_ended_workers()
        planned, began = deque(self.schedule), self._bench.history.now
        while planned:
            self._sends()
            now = self._bench.history.now - began - self._broker_away
            if planned[0].at > now:
                self._goes_on(min(_LOOKS, planned[0].at - now))
                continue
            self._waits_for_the_stopped()
            self._producers.start()
            self._strikes(planned.popleft())
            self._show(self._progress(now))

    def drains(self) -> None:
        """Ends the faults that last, and waits until all is done. Raises nothing if it is not: the judge says so.

        Workers that end meanwhile are replaced. It ends when no task was finished for the time that a program may
        take that waits for the broker, and that the longest task takes.
        """
        while self._ends:
            self._goes_on(_LOOKS)
        self._producers.end()
        self._looks()
        within = LONGEST_DELAY + EVENTUALLY + max(0.0, self._bench.subject.start_seconds - EVENTUALLY)
        within += self.judge.longest_unfinished + self._bench.broker_profile.keeps_for_the_disconnected
        finished, deadline = self.judge.finished, time.monotonic() + within
        while not (drained := self._is_drained()) and time.monotonic() < deadline:
            self._show(f"draining, {len(self.judge.lost)} tasks not finished")
            self._goes_on(_LOOKS)
            if self.judge.finished > finished:
                finished, deadline = self.judge.finished, time.monotonic() + within
        if not drained:
            self._counts()
        if self._recording is not None:
            self._recording.ends()
        details = self.judge.as_data()
        details["schedule"] = [fault.as_data() for fault in self.schedule]
        self._bench.details["storm"] = {"seconds": self.seconds, **details}

    @property
    def verdict(self) -> Verdict:
        """What the judge says."""
        return self.judge.verdict()

    def close(self) -> None:
        """Ends the faults that last, if the storm was broken off, and reads and records what was seen last."""
        for _, _, _, end in self._ends:
            with suppress(SetupError):  # the broker may be down
                end()
        self._ends.clear()
        self._looks()

    # While it goes on

    def _goes_on(self, seconds: float) -> None:
        """Lets that many seconds pass, and does what is due then. A fault of a worker is over if another has its
        place.
        """
        self._bench.history.wait(lambda _: False, seconds)
        self._supervisor.replaces_ended_workers()
        there = {worker.name for worker in self._supervisor.workers} | {"broker"}
        now = self._bench.history.now
        for each in [each for each in self._ends if each[0] <= now or each[2] not in there]:
            self._ends.remove(each)
            _, fault, who, end = each
            end()
            if fault.seconds:
                self._bench.history.add(who, OVER, fault.text)
        self._looks()

    def _looks(self) -> None:
        """Reads what is new in the history."""
        for event in self._unread:
            self.judge.read(event)
            if self._recording is not None:
                self._recording.writes(event)

    def _sends(self) -> None:
        """Fills the queue again. Nobody can publish while the memory alarm is raised."""
        self._looks()
        bench = self._bench
        alarmed = any(fault.kind is FaultKind.OUT_OF_MEMORY for _, fault, _, _ in self._ends)
        if alarmed or len(self.judge.lost) >= _ENOUGH:
            return
        for _ in range(_STOCK * min(bench.subject.concurrency, _MOST_AT_WORK) - self.judge.waiting):
            task = bench.task(dots=bench.random.randint(1, 3))
            bench.history.add("suite", TASK, task_text(task.token, task.dots * bench.subject.seconds_per_dot))
            bench.put(bench.message(task), shown=str(task))

    def _strikes(self, fault: Fault) -> None:
        """Makes the fault."""
        self._struck += 1
        bench = self._bench
        if fault.kind in OF_PRODUCERS:
            self._producers.start(fault)
            return
        if fault.place is not None:
            if fault.kind is FaultKind.STOPPED:
                self._waits_for_calm()
            worker = self._at_work(fault.place, EVENTUALLY if fault.kind is FaultKind.STOPPED else LEAVES)
            who = worker.name
            bench.history.add(who, FAULT, fault.text)
            end, seconds = strike_worker(fault, worker)
            if fault.kind is FaultKind.STOPPED:
                self._stopped = worker
        else:
            who, seconds = "broker", fault.seconds
            self._show(self._progress(fault.at, f"broker {fault.kind}"))
            began = bench.history.now
            if fault.kind in KILLS_OF_NODES:
                self._waits_until_the_queue_is_on_disk()
            if fault.kind in OF_NODES:
                self._producers.start()  # a second one, for the same moment
            bench.history.add(who, FAULT, fault.text)
            end = strike_broker(fault, bench)
            self._broker_away += bench.history.now - began
            if fault.kind in OF_NODES and seconds:  # it is over
                bench.history.add(who, OVER, fault.text)
                seconds = 0.0
        if seconds:
            self._ends.append((bench.history.now + seconds, fault, who, end))
        self._supervisor.replaces_ended_workers()

    def _goes_on_until(self, question: Callable[[], object], within: float = math.inf) -> None:
        """Goes on, and keeps the queue filled, until the answer is true; for so many seconds at most."""
        deadline = self._bench.history.now + within
        while not question() and self._bench.history.now <= deadline:
            self._goes_on(_LOOKS)
            self._sends()

    def _waits_for_the_stopped(self) -> None:
        """Waits until the worker that was stopped last goes on and has settled a task, or has ended. Another fault
        in that moment would hide what the worker does with the task that it had in hand.
        """
        worker, self._stopped = self._stopped, None
        if worker is not None:
            self._goes_on_until(
                lambda: worker not in self._supervisor.workers or _went_on(worker), within=EVENTUALLY
            )

    def _waits_until_the_queue_is_on_disk(self) -> None:
        """Lets the storm go on until a node that is killed will know the queue when it is started."""
        history = self._bench.history
        declared = next((each.at for each in history.events if each.what == "Queue.DeclareOk"), history.now)
        self._goes_on_until(lambda: history.now >= declared + ON_DISK)

    def _waits_for_calm(self) -> None:
        """Waits until the faults that last are over. On a slow machine they last longer than the schedule has it,
        and a worker whose connection is reset while it is stopped gives its task back.
        """
        self._goes_on_until(lambda: not self._ends)

    def _at_work(self, place: int, within: float) -> Worker:
        """The worker at that place, when it holds a task that would be missed, so that the fault strikes it in the
        midst of its work; after so many seconds in any case.
        """
        supervisor = self._supervisor
        self._goes_on_until(
            lambda: self.judge.holds_what_is_owed(supervisor.workers[place].name), within=within
        )
        return supervisor.workers[place]

    # The end

    def _is_drained(self) -> bool:
        """Whether all is done that is owed: nobody holds a task, and the queue is empty."""
        judge = self.judge
        if judge.lost or not judge.holds_nothing:
            return False
        counts = self._counts()
        # A task may have left the queue, and not have been seen at a tap yet.
        self._looks()
        return counts is not None and counts.ready == 0 and judge.holds_nothing

    def _counts(self) -> Counts | None:
        counts = self._bench.queue()
        self._bench.history.add("broker", COUNTED, "" if counts is None else str(counts.ready))
        self._looks()
        return counts

    def _progress(self, now: float, what: str = "") -> str:
        judge = self.judge
        last = what or judge.recoveries.latest
        return (
            f"{now:.0f} of {self.seconds:.0f} s, {judge.tasks} tasks made, {judge.finished} finished, "
            f"{self._struck} of {len(self.schedule)} faults" + (f", now: {last}" if last else "")
        )


def _went_on(worker: Worker) -> bool:
    """Whether the worker has settled a task since it was told to go on."""
    told = [each.at for each in worker.history.events_of(worker.name, "signal") if each.text == "SIGCONT"]
    return bool(told) and any((each.settled_at or 0.0) > told[-1] for each in worker.ledger.deliveries)
