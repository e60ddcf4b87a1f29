"""`./spec judge`: judges the recorded history of a storm again, also on another machine."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ..errors import SetupError
from ..judgement.verdicts import Verdict
from ..judgement.verdicts.conserving import Conservation
from ..programs import signals
from ..report.storm_history import Head, read_events, read_head
from ..report.transcript import safe
from . import parsers
from .spelling import MISUSED

INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Prints the numbers and the verdicts. Returns 1 if a promise is broken, 4 if there is no whole history, or
    0.
    """
    given = parsers.judge().parse_args(arguments)
    try:
        head, judge = _judged(given.history)
    except SetupError as error:
        print(f"spec: {error}", file=sys.stderr)
        return MISUSED
    verdicts = [("S02", judge.verdict()), ("W02", judge.within_the_prefetch())]
    for line in _lines(head, judge.as_data(), verdicts):
        print(line)
    return 0 if all(verdict.holds for _, verdict in verdicts) else 1


def _judged(path: Path) -> tuple[Head, Conservation]:
    try:
        with path.open(encoding="utf-8") as file:
            head = read_head(file, path)
            judge = Conservation(head.queues, head.route, head.prefetch)
            for number, event in enumerate(read_events(file, path)):
                try:
                    judge.read(event)
                except (ValueError, TypeError, LookupError, AttributeError):
                    raise SetupError(f"{path}: line {number + 2} is no event of a history.") from None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SetupError(f"{path} cannot be read: {why}.") from None
    return head, judge


def _lines(head: Head, numbers: dict[str, Any], verdicts: Sequence[tuple[str, Verdict]]) -> Iterator[str]:
    more = head.more
    yield safe(f"{more.get('subject')} on {more.get('broker')}, seed {more.get('seed')}", 200)
    yield (
        f"{numbers['tasks']} tasks, {numbers['confirmed']} confirmed, {numbers['finished']} finished, "
        f"{numbers['lost']} lost, {numbers['duplicates']} finished again, {numbers['unexpected']} unexpected"
    )
    if numbers["faults"]:
        yield f"{'fault':<28} {'times':>5}  {'recovered':>9}  {'mean s':>7}  {'longest s':>9}"
    for each in numbers["faults"]:
        mean = "" if each["mean_seconds"] is None else f"{each['mean_seconds']:.2f}"
        longest = f"{each['longest_seconds']:.2f}" if mean else ""
        yield f"{safe(each['kind'], 28):<28} {each['times']:>5}  {each['recovered']:>9}  {mean:>7}  {longest:>9}"
    for id_, verdict in verdicts:
        outcome = "holds" if verdict.holds else "is broken"
        yield safe(f"{id_} {outcome}: expected {verdict.expected}; seen: {verdict.seen}", 400)


if __name__ == "__main__":
    signals.run(main, INTERRUPTED)
