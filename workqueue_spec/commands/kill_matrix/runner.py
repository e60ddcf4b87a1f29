"""Judges many mutants side by side, each by a run of the suite on a broker that no other run uses."""

import json
import queue
import random
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, closing
from pathlib import Path

from ... import ROOT
from ...broker import Broker, open_broker
from ...broker.run import Run, kill_marked
from ...broker.whole_run import whole_run
from ...plugin.hooks import part_of
from ...report.causes import groups
from ...specification.outcomes import BROKER_FAILED, SUITE_FAILED
from . import warm_suite
from .mutant import BY_CHANCE, Mutant
from .results import Result

_PART = "mutants"
_KEPT = 4000
"""Characters of the suite's output that are kept if it could not judge a mutant."""


def judge_all(
    mutants: Sequence[Mutant],
    *,
    broker: str,
    queue_type: str,
    seed: int,
    sample: int | None,
    side_by_side: int,
) -> Iterator[Result]:
    """Judges the mutants, `side_by_side` at once, and yields each result as soon as it is there.

    With `sample`, each mutant is judged by the clauses that it breaks and by `sample` other clauses. Raises
    SetupError if a broker cannot be opened.
    """
    with whole_run() as run, ExitStack() as brokers, ThreadPoolExecutor(side_by_side) as threads:
        warm_suite.start(run.mark(_PART))
        free: queue.SimpleQueue[Broker] = queue.SimpleQueue()
        first = brokers.enter_context(closing(open_broker(broker, run)))
        free.put(first)
        if broker == "auto":  # all brokers are of the kind that the first one is
            broker = first.kind
        interrupted = threading.Event()
        opening = [threads.submit(open_broker, broker, run) for _ in mutants[1:side_by_side]]
        for each in as_completed(opening):
            free.put(brokers.enter_context(closing(each.result())))

        def judge(mutant: Mutant, clauses: Sequence[str]) -> Result:
            mine = free.get()
            try:
                result = _judge(mutant, clauses, run, mine, queue_type=queue_type, seed=seed)
                # The broker may have caused the error. The next mutants get a new one.
                if result.error and not interrupted.is_set():
                    mine.close()
                    mine = brokers.enter_context(closing(open_broker(broker, run)))
                return result
            finally:
                free.put(mine)

        # The longest first: otherwise all would wait for one at the end.
        asked = [(mutant, clauses_for(mutant, sample, seed)) for mutant in mutants]
        asked.sort(key=lambda each: len(each[1]), reverse=True)
        try:
            for done in as_completed([threads.submit(judge, *each) for each in asked]):
                yield done.result()
        except BaseException:
            interrupted.set()
            threads.shutdown(wait=False, cancel_futures=True)
            kill_marked(run.name, _PART)  # otherwise the threads would wait for these processes to end
            raise


def clauses_for(mutant: Mutant, sample: int | None, seed: int) -> list[str]:
    """The ids of the clauses that the mutant is judged by. The sample is drawn at random, by seed and mutant.

    A clause that some mutants break by chance is drawn for equivalents only.
    """
    owed = [clause.id for clause in mutant.clauses()]
    if sample is None:
        return owed
    others = [
        id_ for id_ in owed if id_ not in mutant.expected and (mutant.equivalent or id_ not in BY_CHANCE)
    ]
    drawn = random.Random(f"{seed} {mutant.name}").sample(others, min(sample, len(others)))
    asked = mutant.judged_by([*(id_ for id_ in owed if id_ in mutant.expected), *drawn])
    return [clause.id for clause in asked.clauses()]


def _judge(
    mutant: Mutant, clauses: Sequence[str], run: Run, broker: Broker, *, queue_type: str, seed: int
) -> Result:
    report = run.folder / f"{mutant.name}.json"
    part = json.dumps(part_of(run, broker, mutant.name.replace("_", "-"), seed))
    began = time.monotonic()
    output = run.folder / f"{mutant.name}.txt"
    warm_suite.run(
        [
            *("-c", str(ROOT / "pyproject.toml"), str(ROOT / "spec_tests")),
            *("--numprocesses", "0", "-p", "no:cacheprovider", "--quiet", "--queue-type", queue_type),
            *("--part-of", part, "--report-json", str(report), "-k", " or ".join(clauses)),
            *mutant.options,
        ],
        output,
    )
    said = output.read_text(encoding="utf-8", errors="replace")[-_KEPT:] if output.exists() else ""
    return _read(mutant, report, said, clauses, time.monotonic() - began)


def _read(
    mutant: Mutant,
    report: Path,
    said: str,
    clauses: Sequence[str],
    seconds: float,
) -> Result:
    if not report.exists():
        return Result(
            mutant, (), (), seconds, error=said or "the run of the suite left neither report nor output"
        )
    judged = json.loads(report.read_text())["clauses"]
    outcomes = {each["id"]: each["outcome"] for each in judged}
    missing = sorted(set(clauses) - set(outcomes))
    if missing:
        return Result(mutant, (), (), seconds, error=f"no outcome of {' '.join(missing)}\n{said}")

    def which(outcome: str) -> tuple[str, ...]:
        return tuple(id_ for id_, found in outcomes.items() if found == outcome)

    reasons = {each["id"]: each["reason"] for each in judged if each["reason"]}
    errors = [
        f"{id_}: {why}" for id_, why in reasons.items() if why.startswith((SUITE_FAILED, BROKER_FAILED))
    ]
    return Result(
        mutant,
        which("failed"),
        which("not judged"),
        seconds,
        reasons=reasons,
        first=next((group.root["id"] for group in groups(judged)), ""),
        error="\n".join(errors),
    )
