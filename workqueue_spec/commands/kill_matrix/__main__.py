"""`./spec mutants`: shows that every check can fail, and that none fails a program that keeps its promises."""

import argparse
import datetime
import random
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ...errors import SetupError
from ...report import file as report
from ...specification.chapters import chapters
from ...specification.clauses import Level
from .judged import Judged, again, clauses_without_mutant, matrix, table
from .mutant import Mutant, mutants
from .slots import judge_all

MISUSED = 4
INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Runs the mutants that are asked for. Exit status 0: each failed the clauses that it breaks, and no others."""
    given = _options().parse_args(arguments)
    everyone = list(mutants(given.queue_type))
    try:
        chosen = named(everyone, given.names)
        if given.clauses:
            chosen = [each for each in _judged_by(given.clauses, chosen) if each.clauses()]
        report.check(given.report_json)
        judged = []
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
            judged.append(each)
            print("\n         ".join([each.line(), *each.why(), *each.error.splitlines()]), flush=True)
    except SetupError as problem:
        print(f"spec: {problem}", file=sys.stderr)
        return MISUSED
    except KeyboardInterrupt:
        print("\nspec: interrupted.", file=sys.stderr)
        return INTERRUPTED
    judged.sort(key=lambda each: chosen.index(each.mutant))
    about = {
        "schema": 1,
        "queue_type": given.queue_type,
        "clauses": given.clauses,
        "sample": given.sample,
        "seed": given.seed,
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - began, 1),
    }
    return _conclude(judged, about, given.report_json, whole=chosen == everyone)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./spec mutants", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="the mutants to run, or a folder's: workers, producers, brokers, equivalents (default: all)",
    )
    parser.add_argument(
        "--broker", default="auto", metavar="auto|docker[:IMAGE]|local", help="where the brokers come from"
    )
    parser.add_argument("--queue-type", choices=("classic", "quorum"), default="classic")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000), help="as for ./spec check")
    parser.add_argument(
        "--clauses",
        nargs="+",
        metavar="ID",
        help="judge each by these alone, as for a clause that is new (default: by all that its subject owes)",
    )
    parser.add_argument(
        "--sample",
        type=int,
        metavar="N",
        help="judge each by the clauses that it breaks and by N others (default: by all that its subject owes)",
    )
    parser.add_argument(
        "--side-by-side", type=int, metavar="N", default=6, help="how many at once, each with a broker (6)"
    )
    parser.add_argument(
        "--report-json",
        metavar="FILE",
        type=Path,
        default=Path("mutants.json"),
        help="where the matrix is written as JSON (mutants.json)",
    )
    return parser


def named(everyone: Sequence[Mutant], names: Sequence[str]) -> list[Mutant]:
    """Those of these names, or in folders of these names; all of them without any. Raises SetupError."""
    known = {name for each in everyone for name in (each.name, each.folder)}
    if unknown := sorted(set(names) - known):
        raise SetupError(f"There is no mutant {unknown[0]!r}; those that are lie in mutants/.")
    return [each for each in everyone if not names or each.name in names or each.folder in names]


def _judged_by(ids: Sequence[str], chosen: Sequence[Mutant]) -> list[Mutant]:
    if unknown := sorted(set(ids) - {clause.id for chapter in chapters() for clause in chapter.clauses}):
        raise SetupError(f"There is no clause {unknown[0]!r}; SPEC.md lists those that are.")
    return [each.judged_by(ids) for each in chosen]


def _conclude(judged: Sequence[Judged], about: dict[str, object], file: Path, *, whole: bool) -> int:
    clauses = [clause for chapter in chapters() for clause in chapter.clauses]
    report.write(matrix(clauses, judged, about), file)
    wrong = [each for each in judged if not each.is_exact]
    unseen = [clause.id for clause in clauses_without_mutant(clauses, judged) if clause.level is Level.MUST]
    if whole:
        print(f"\n{table(clauses, judged)}")
    for each in wrong:
        print(f"\n{each.line()}\n  {each.mutant.says}\n  again: {again(each, str(about['queue_type']))}")
        print("\n".join([*(f"  {line}" for line in each.why()), each.error]))
    kinds = [each.mutant.equivalent for each in judged]
    print(
        f"\n{kinds.count(False)} mutants and {kinds.count(True)} equivalents in {about['seconds']} s: "
        f"{len(judged) - len(wrong)} exact, {len(wrong)} wrong"
    )
    if whole and unseen:
        print(f"no mutant shows that these can fail: {' '.join(unseen)}")
    return 1 if wrong or not judged or (whole and unseen) else 0


if __name__ == "__main__":
    # As after Ctrl-C, which may be ignored here (as under nohup): brokers and programs are ended.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    sys.exit(main(sys.argv[1:]))
