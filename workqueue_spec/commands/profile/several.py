"""How many tasks a worker holds and works on at once, as far as watching it tells."""

from collections.abc import Sequence
from typing import Any

from pamqp import commands

from ...bench.bench import Bench
from ...judgement.history import Event
from ...judgement.verdicts.concurrency import most_at_work
from ...judgement.verdicts.dispatch import most_held
from ...timeouts import EVENTUALLY

TASKS = 9
"""The tasks that are sent: one more than most workers hold that say so."""
_LONG = 1.0
"""Seconds of work of each: long enough to see which tasks are at work side by side."""


def watched(bench: Bench) -> tuple[str, dict[str, Any]] | None:
    """What was seen of a worker with many tasks on its queue, and the keys of the profile that say so. None if it
    holds one task at a time. The keys are empty if a limit cannot be seen.
    """
    bench.start_worker().kill()
    tasks = [bench.task(bench.subject.dots(_LONG)) for _ in range(TASKS)]
    for task in tasks:
        bench.produce(*task.text.split(" ")).exit_status(EVENTUALLY)
    worker = bench.start_worker()

    def settled(_: object) -> bool:
        return all(any(each.settled_at is not None for each in worker.deliveries(task)) for task in tasks)

    bench.history.wait(settled, EVENTUALLY + sum(task.dots for task in tasks) * bench.subject.seconds_per_dot)
    held = most_held(worker.ledger.deliveries)
    at_work = most_at_work(worker.ledger.deliveries, bench.work)
    asked = _asked(bench.history.events_of(worker.name))
    if max(held, asked) <= 1:
        return None
    if held >= TASKS and asked < held:
        return (
            f"it held all of the {held} tasks that were sent, so no prefetch is seen; name the most that it holds "
            "as prefetch, and the most that it works on as concurrency",
            {},
        )
    limits = {"prefetch": max(held, asked), **({"concurrency": at_work} if 1 < at_work < TASKS else {})}
    seen = f"it asked for a prefetch of {asked}, held {held} tasks at once, and worked on {at_work} of them at once"
    if at_work >= TASKS:
        seen += "; name the most that it works on as concurrency"
    return seen, limits


def _asked(events: Sequence[Event]) -> int:
    """The largest prefetch that it asked for by basic.qos; 0 if it asked for none, or for no limit."""
    methods = [event.wire.method for event in events if event.wire is not None]
    return max((each.prefetch_count for each in methods if isinstance(each, commands.Basic.Qos)), default=0)
