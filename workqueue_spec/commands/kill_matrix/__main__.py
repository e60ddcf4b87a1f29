"""`./spec mutants`: shows that every check can fail, and that no check fails a program that keeps its promises."""

import datetime
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ...broker import is_cluster
from ...errors import SetupError
from ...programs import signals
from ...report import file as report
from ...specification.chapters import all_clauses
from ...specification.clauses import Clause, Level
from .. import parsers
from .mutant import Mutant, mutants
from .results import Result, clauses_without_mutant, matrix, rerun_command, roots, table
from .runner import judge_all

MISUSED = 4
INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Runs the mutants that are asked for. Returns the exit status.

    It is 0 if each mutant failed the clauses that it breaks and no others, and, if all mutants were run, if some
    mutant failed each clause with level MUST.
    """
    given = parsers.mutants().parse_args(arguments)
    all_mutants = list(mutants(given.queue_type, on_cluster=is_cluster(given.broker)))
    try:
        chosen = select(all_mutants, given.names)
        if given.differing:
            chosen = differing(chosen)
        if given.clauses:
            chosen = [each for each in _judged_by(given.clauses, chosen) if each.clauses()]
        report.check(given.report_json)
        results = []
        print(
            f"{len(chosen)} mutants and equivalents, {given.queue_type} queues, seed {given.seed}", flush=True
        )
        started, began = datetime.datetime.now(datetime.UTC), time.monotonic()
        for each in judge_all(
            chosen,
            broker=given.broker,
            queue_type=given.queue_type,
            seed=given.seed,
            sample=given.sample,
            side_by_side=given.side_by_side,
        ):
            results.append(each)
            print("\n         ".join([each.line(), *each.why(), *each.error.splitlines()]), flush=True)
    except SetupError as error:
        print(f"spec: {error}", file=sys.stderr)
        return MISUSED
    except KeyboardInterrupt:
        print("\nspec: interrupted.", file=sys.stderr)
        return INTERRUPTED
    results.sort(key=lambda each: chosen.index(each.mutant))
    about = {
        "schema": 1,
        "queue_type": given.queue_type,
        "clauses": given.clauses,
        "sample": given.sample,
        "seed": given.seed,
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - began, 1),
    }
    clauses = [each for each in all_clauses() if is_cluster(given.broker) or not each.for_clusters]
    return _conclude(clauses, results, about, given.report_json, whole=chosen == all_mutants)


def select(all_mutants: Sequence[Mutant], names: Sequence[str]) -> list[Mutant]:
    """The mutants with these names, and those in folders with these names; all mutants if there are no names.

    Raises SetupError if a name is neither a mutant's nor a folder's.
    """
    known = {name for each in all_mutants for name in (each.name, each.folder)}
    if unknown := sorted(set(names) - known):
        raise SetupError(f"There is no mutant {unknown[0]!r}; all mutants are in mutants/.")
    return [each for each in all_mutants if not names or each.name in names or each.folder in names]


def differing(chosen: Sequence[Mutant]) -> list[Mutant]:
    """Those that break other clauses with the other queue type."""
    broken = [
        {each.name: each.expected for each in mutants(queue_type)} for queue_type in ("classic", "quorum")
    ]
    return [each for each in chosen if len({of_type[each.name] for of_type in broken}) > 1]


def _judged_by(ids: Sequence[str], chosen: Sequence[Mutant]) -> list[Mutant]:
    if unknown := sorted(set(ids) - {clause.id for clause in all_clauses()}):
        raise SetupError(f"There is no clause {unknown[0]!r}; SPEC.md lists all clauses.")
    return [each.judged_by(ids) for each in chosen]


def _conclude(
    clauses: Sequence[Clause],
    results: Sequence[Result],
    about: dict[str, object],
    file: Path,
    *,
    whole: bool,
) -> int:
    """Writes the report, prints the summary, and returns the exit status. `whole`: all mutants were run."""
    report.write(matrix(clauses, results, about), file)
    wrong = [each for each in results if not each.is_exact]
    unseen = [clause.id for clause in clauses_without_mutant(clauses, results) if clause.level is Level.MUST]
    if whole:
        print(f"\n{table(clauses, results)}")
    for each in wrong:
        command = rerun_command(each, str(about["queue_type"]))
        print(f"\n{each.line()}\n  {each.mutant.says}\n  again: {command}")
        print("\n".join([*(f"  {line}" for line in each.why()), each.error]))
    kinds = [each.mutant.equivalent for each in results]
    print(
        f"\n{kinds.count(False)} mutants and {kinds.count(True)} equivalents in {about['seconds']} s: "
        f"{len(results) - len(wrong)} exact, {len(wrong)} wrong"
    )
    for line in roots(results).lines():
        print(line)
    if whole and unseen:
        print(f"no mutant shows that these can fail: {' '.join(unseen)}")
    return 1 if wrong or not results or (whole and unseen) else 0


if __name__ == "__main__":
    signals.run(main, INTERRUPTED)
