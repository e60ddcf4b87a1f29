"""`./spec pairs A B ...`: runs each producer with each worker, and says who understands whom.

Each program is a profile, a folder with a `profile.toml`, the name of a folder in `implementations/`, or
`reference`.
"""

import datetime
import itertools
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

from ... import ROOT
from ...broker import Broker, open_broker
from ...broker.whole_run import whole_run
from ...errors import SetupError
from ...programs import profile, signals, subject
from ...programs.fixed_address import Placements, placements, reserve
from ...programs.install import install
from ...programs.subject import Subject
from ...report import file
from ...wiretap import LoopThread
from .. import parsers
from .meeting import Meeting, MeetingPlace, Outcome
from .table import Meetings, Pair, as_json, declarations, reasons, table

NONE_WORKS = 1
MISUSED = 4
INTERRUPTED = 130

SIDE_BY_SIDE = 8


def main(arguments: Sequence[str]) -> int:
    """Runs the pairs. Returns the exit status: 0 if each program understands itself, 1 if one does not."""
    given = parsers.pairs().parse_args(arguments)
    try:
        file.check(given.report_json)
        meetings, broker = meet_all(given.programs, given.broker, given.queue_type)
    except SetupError as problem:
        print(f"spec: {problem}", file=sys.stderr)
        return MISUSED
    except KeyboardInterrupt:
        print("\nspec: interrupted.", file=sys.stderr)
        return INTERRUPTED
    names = list(dict.fromkeys(producer for producer, _ in meetings))
    print(
        "\n".join(["", *table(names, meetings), "", *declarations(names, meetings), "", *reasons(meetings)])
    )
    if given.report_json is not None:
        about = {
            "broker": broker,
            "queue_type": given.queue_type,
            "started": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        }
        file.write(as_json(names, meetings, about), given.report_json)
    understood = {Outcome.WORKS, Outcome.ACKED_AT_ONCE}
    alone = all(each.outcome in understood for name in names for each in meetings[name, name])
    return 0 if alone else NONE_WORKS


def _program(name: str, queue_type: str) -> tuple[str, Subject]:
    if name == "reference":
        return name, subject.reference(queue_type)
    for place in (Path(name), Path(name) / "profile.toml", ROOT / "implementations" / name / "profile.toml"):
        if place.is_file():
            found = profile.read(place, None)
            if found.absent is not None:
                raise SetupError(
                    f"{place} names no {found.absent}, so it has no pair; name both programs there."
                )
            return place.resolve().parent.name, found
    raise SetupError(f"There is no program {name!r}: it is no profile, and no folder with a profile.toml.")


def meet_all(given: Sequence[str], wanted: str, queue_type: str) -> tuple[Meetings, str]:
    """Lets all the programs meet. Returns what came of it and which broker it was. Raises SetupError if they cannot
    meet.
    """
    programs = dict(_program(name, queue_type) for name in given)
    if len(programs) < len(given):
        raise SetupError("Two of the programs have one name: that of the folder in which its profile lies.")
    with whole_run() as run, ExitStack() as stack:
        for each in programs.values():
            install(each, run)
            subject.check_programs(each)
        loop_thread = stack.enter_context(LoopThread())
        at = _placements(programs.values(), loop_thread, stack)
        broker = stack.enter_context(closing(open_broker(wanted, run)))
        return _met(
            programs, MeetingPlace(run, loop_thread, broker, queue_type, at), broker
        ), broker.describe()


def _placements(
    programs: Iterable[Subject], loop_thread: LoopThread, stack: ExitStack
) -> Callable[[Subject], Placements]:
    """Opens the programs' placements. Programs with the same fixed address share one."""

    def address(program: Subject) -> object:
        return program.fixed_address, program.shared_network

    made: dict[object, Placements] = {}
    for each in programs:
        if address(each) not in made:
            if turn := reserve(each, processes=1):
                stack.callback(turn.end)
            made[address(each)] = stack.enter_context(placements(each, loop_thread))
    return lambda program: made[address(program)]


def _met(programs: dict[str, Subject], place: MeetingPlace, broker: Broker) -> Meetings:
    if not broker.can_make_virtual_hosts:
        raise SetupError("Pairs meet in virtual hosts of their own, and this broker lets us make none.")

    def meet(job: tuple[int, Pair]) -> tuple[Pair, tuple[Meeting, Meeting]]:
        number, (producer, worker) = job
        both = [
            place.meet(
                programs[producer],
                programs[worker],
                f"pair-{number}-{'worker' if worker_first else 'producer'}-first",
                worker_first=worker_first,
            )
            for worker_first in (True, False)
        ]
        print(f"{producer} with {worker}: {both[0].outcome} / {both[1].outcome}", file=sys.stderr, flush=True)
        return (producer, worker), (both[0], both[1])

    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        return dict(threads.map(meet, enumerate(itertools.product(programs, repeat=2))))


if __name__ == "__main__":
    signals.run(main, INTERRUPTED)
