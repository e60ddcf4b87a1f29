"""`./spec implementations`: judges the programs in `implementations/`, pairs them, and writes the results there: to
RESULTS.md with classic queues, and to RESULTS-quorum.md with quorum queues.

A program is named after its folder, and its profile is `profile.toml`. A folder may also hold `profile-WORD.toml`:
the same program on a release of the library that has a known bug. Its name is FOLDER/WORD. It is asked only for the
clauses that the profile says it breaks, and is paired with no other.
"""

import datetime
import importlib.metadata
import json
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .. import ROOT
from ..errors import SetupError
from ..programs import profile, signals
from ..report.file import read, write
from ..specification.clauses import Level, order
from ..specification.outcomes import Outcome
from . import parsers
from .pairs.__main__ import meet_all
from .pairs.table import Meetings, declarations, table

HOME = ROOT / "implementations"
FILES = {"classic": HOME / "RESULTS.md", "quorum": HOME / "RESULTS-quorum.md"}
REFERENCE = "reference"
SIDE_BY_SIDE = 3
POLL = 0.2
"""Seconds between two looks at who has ended."""
MISUSED = 4
INTERRUPTED = 130

_SIGNS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.NOT_JUDGED: "-"}

_HEAD = """\
# Results

<!-- Written by `./spec implementations`. Do not edit it here. -->

Which clauses of [SPEC.md](../SPEC.md) the programs in this folder, and the reference, keep. The programs are
examples of how a library is used, which we wrote by its documentation. Each clause that a program breaks has the
reason; it is no judgement of the library.
"""

Report = Mapping[str, Any]


def main(arguments: Sequence[str]) -> int:
    """Judges all programs, or those named. Returns 0 if each breaks exactly what its profile says, else 1.

    The results are printed as soon as they are known, and written to the file if all programs were judged. Those
    that declare queues of the other type are left out.
    """
    given = parsers.implementations().parse_args(arguments)
    left_out = [] if given.names else [name for name in _all_names() if not _obeys(name, given.queue_type)]
    names = given.names or [REFERENCE, *(name for name in _all_names() if name not in left_out)]
    if unknown := [name for name in names if name != REFERENCE and not _profile(name).is_file()]:
        print(
            f"spec: There is no implementation {unknown[0]!r}; all are in implementations/.", file=sys.stderr
        )
        return MISUSED
    if given.reports is not None:
        try:
            given.reports.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            print(f"spec: The folder {given.reports} cannot be made: {error.strerror}.", file=sys.stderr)
            return MISUSED
    elif given.resume:
        print("spec: --resume takes --reports FOLDER, with the reports of the first run.", file=sys.stderr)
        return MISUSED
    run_with = ["--broker", given.broker, "--queue-type", given.queue_type]
    try:
        kept = _read(names, given.reports) if given.resume else {}
        with tempfile.TemporaryDirectory(prefix="workqueue-spec-results-") as folder:
            try:
                as_expected = _judge_all([name for name in names if name not in kept], run_with, Path(folder))
            finally:
                new = _read(names, Path(folder))
                if given.reports is not None:
                    _keep(new, given.reports)
        as_expected = as_expected and all(_is_as_expected(report) for report in kept.values())
        reports = {name: {**kept, **new}[name] for name in names if name in kept or name in new}
        _are_of_one_kind(reports, given.reports)
        judged = judgements(reports) if reports else "Nothing was judged."
        print(f"\n{judged}", flush=True)
        if missing := ", ".join(name for name in names if name not in reports):
            raise SetupError(f"no report of {missing}: the output above says why.")
        those = [name for name in names if _is_paired(name)]
        met = meet_all(those, given.broker, given.queue_type)[0] if those else {}
    except SetupError as error:
        print(
            f"spec: {error}\nspec: not all could be judged and paired, so "
            f"{FILES[given.queue_type].name} is left as it is.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("\nspec: interrupted.", file=sys.stderr)
        return INTERRUPTED
    paired = pairs(those, met) if those else ""
    print(f"\n{paired}")
    if not given.names:
        head = _head(given.queue_type, left_out)
        FILES[given.queue_type].write_text(f"{head}\n{judged}\n{paired}", encoding="utf-8")
    return 0 if as_expected else 1


def _head(queue_type: str, left_out: Sequence[str]) -> str:
    """What the results begin with. They name those of the other type of queue if these are there."""
    [(other, file)] = [each for each in FILES.items() if each[0] != queue_type]
    head = _HEAD
    if file.is_file():
        head += f"\nThe results with {other} queues are in [{file.name}]({file.name}).\n"
    if left_out:
        head += f"\nNot judged here, since they declare {other} queues: {', '.join(left_out)}.\n"
    return head


def _all_names() -> Iterator[str]:
    for file in sorted(HOME.glob("*/profile*.toml"), key=lambda file: (file.parent.name, file.stem)):
        yield "/".join([file.parent.name, *file.stem.split("-")[1:]])


def _profile(name: str) -> Path:
    folder, _, word = name.partition("/")
    return HOME / folder / (f"profile-{word}.toml" if word else "profile.toml")


def _obeys(name: str, queue_type: str) -> bool:
    """Whether the program can be judged with queues of that type."""
    return profile.read(_profile(name), None).queue_type in (None, queue_type)


def _is_release(name: str) -> bool:
    """Whether the name is that of a release with a known bug."""
    return "/" in name


def _is_paired(name: str) -> bool:
    """A program whose code lies in another one's folder declares and wraps as that one does. A producer or a worker
    alone has no pair.
    """
    return name == REFERENCE or (
        not _is_release(name)
        and _folder(name) == (HOME / name).resolve()
        and profile.read(_profile(name), None).absent is None
    )


def _file(folder: Path, name: str, suffix: str) -> Path:
    return folder / f"{name.replace('/', '-')}.{suffix}"


def _judge_all(names: Sequence[str], run_with: Sequence[str], folder: Path) -> bool:
    """Judges the programs, `SIDE_BY_SIDE` at once, and returns whether each broke exactly what its profile says."""
    as_expected, waiting = True, list(names)
    running: dict[subprocess.Popen[bytes], str] = {}
    try:
        while waiting or running:
            while waiting and len(running) < SIDE_BY_SIDE:
                name = waiting.pop(0)
                running[_begin(name, run_with, folder)] = name
            time.sleep(POLL)
            for run in [each for each in running if each.poll() is not None]:
                name = running.pop(run)
                output = _file(folder, name, "txt").read_text(encoding="utf-8", errors="replace")
                print(
                    f"\n== {name}: exit status {run.returncode}\n{output if run.returncode else ''}",
                    flush=True,
                )
                as_expected = as_expected and run.returncode == 0
    finally:
        for run in running:
            run.send_signal(signal.SIGINT)
        for run, name in running.items():
            run.wait()
            _file(folder, name, "json").unlink(missing_ok=True)  # of a part of the clauses
    return as_expected


def _begin(name: str, run_with: Sequence[str], folder: Path) -> "subprocess.Popen[bytes]":
    """Starts one run of the suite, which writes its report and its output to the folder."""
    which = [] if name == REFERENCE else ["--implementation", str(_profile(name))]
    if _is_release(name):
        which += ["-k", " or ".join(profile.read(_profile(name), None).known_failures)]
    pytest = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "-p", "no:cacheprovider"]
    report = ["--report-json", str(_file(folder, name, "json"))]
    with _file(folder, name, "txt").open("wb") as output:
        return subprocess.Popen(
            [*pytest, str(ROOT / "spec_tests"), "--quiet", *which, *run_with, *report],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that it gets the signal of a Ctrl-C only once, from `_judge_all`
        )


def _read(names: Sequence[str], folder: Path) -> dict[str, Report]:
    """The reports in the folder of the programs with these names. Raises SetupError if one cannot be read."""
    files = {name: _file(folder, name, "json") for name in names}
    return {name: read(file, _mistake_in) for name, file in files.items() if file.is_file()}


def _mistake_in(report: object) -> str:
    """Why it is no report, as the end of a sentence; empty if it is one."""
    is_report = isinstance(report, dict) and report.keys() >= {"broker", "queue_type", "suite", "clauses"}
    return "" if is_report else "is no JSON report of a run"


def _is_as_expected(report: Report) -> bool:
    """Whether the program broke no MUST but those that its profile names, and kept none of these."""
    return not any(
        (each["outcome"] == Outcome.FAILED and each["level"] == Level.MUST and not each["known_failure"])
        or (each["outcome"] == Outcome.PASSED and each["known_failure"])
        for each in report["clauses"]
    )


def _are_of_one_kind(reports: Mapping[str, Report], folder: Path | None) -> None:
    """Raises SetupError if the reports are of different brokers, types of queues or versions of the suite."""
    kinds = {
        f"{each['broker']}, {each['queue_type']} queues, {each['suite']['version']}"
        for each in reports.values()
    }
    if len(kinds) > 1:
        raise SetupError(f"The reports in {folder} differ: {'; '.join(sorted(kinds))}. Name another folder.")


def _keep(reports: Mapping[str, Report], folder: Path) -> None:
    """Writes the reports to the folder, each with the program's name in `implementations/` and its versions."""
    for name, report in reports.items():
        program = {**report["program"], "folder": name, "versions": versions(_folder(name))}
        write({**report, "program": program}, _file(folder, name, "json"))


def judgements(reports: Mapping[str, Report]) -> str:
    """The clauses that each program keeps and breaks, as Markdown, from a report of each program."""
    first = next(iter(reports.values()))
    day = datetime.date.fromisoformat(first["started"][:10])
    machine = f"{platform.system()}, Python {platform.python_version()}"
    where = f"{first['broker']}, {first['queue_type']} queues, {machine}"
    current = {name: report for name, report in reports.items() if not _is_release(name)}
    lines = [f"{day:%Y-%m-%d}, {where}.", ""]
    if current:
        lines += [*_summary(current), "", *_clauses(current), ""]
    for name, report in current.items():
        lines += _breaks(name, report)
    return "\n".join([*lines, *_releases(reports)])


def _summary(reports: Mapping[str, Report]) -> Iterator[str]:
    yield "| program | versions | MUST kept | MUST broken | SHOULD broken | not judged | seconds |"
    yield "|---|---|---|---|---|---|---|"
    for name, report in reports.items():
        clauses = report["clauses"]
        kept = _count(clauses, Outcome.PASSED, {Level.MUST})
        broken = _count(clauses, Outcome.FAILED, {Level.MUST})
        should = _count(clauses, Outcome.FAILED, {Level.SHOULD, Level.MAY})
        rest = report["counts"][Outcome.NOT_JUDGED]
        yield (
            f"| [{name}]({'../reference' if name == REFERENCE else name}) | {versions(_folder(name))} | {kept} "
            f"| {broken} | {should} | {rest} | {report['seconds']:.0f} |"
        )


def _folder(name: str) -> Path:
    """The folder in which the program's code lies."""
    return ROOT / REFERENCE if name == REFERENCE else profile.read(_profile(name), None).programs[0][1].folder


def versions(folder: Path) -> str:
    """The library after which a program's folder is named, with the version that it pins or that is installed."""
    found = folder / "build" / "version"
    if found.is_file():
        return found.read_text(encoding="utf-8").strip()
    requirements, package = folder / "requirements.txt", folder / "package.json"
    if requirements.is_file():
        lines = (
            line.partition("#")[0].strip() for line in requirements.read_text(encoding="utf-8").splitlines()
        )
        pinned = dict(line.split("==") for line in lines if "==" in line)
    elif package.is_file():
        pinned = json.loads(package.read_text(encoding="utf-8"))["dependencies"]
    elif any(folder.glob("*.py")):
        pinned = {"pika": importlib.metadata.version("pika")}
    else:
        return "what the system has"
    named = {
        name: version for name, version in pinned.items() if folder.name.startswith(name.replace("_", "-"))
    }
    return ", ".join(f"{name} {version}" for name, version in (named or pinned).items())


def _count(clauses: Sequence[Report], outcome: Outcome, levels: set[Level]) -> int:
    return sum(each["outcome"] == outcome and each["level"] in levels for each in clauses)


def _clauses(reports: Mapping[str, Report]) -> Iterator[str]:
    """A row for each clause that some program breaks."""
    yield "## Clauses that some program breaks"
    yield ""
    yield "✓ kept, ✗ broken, - not judged, empty: not asked."
    yield f"All {len(reports)} programs keep all other clauses, as far as judged."
    yield ""
    yield f"| clause | level | {' | '.join(reports)} |"
    yield f"|---|---|{'---|' * len(reports)}"
    tables = {name: {each["id"]: each for each in report["clauses"]} for name, report in reports.items()}
    everything = {id_: clause for table in tables.values() for id_, clause in table.items()}
    for id_, clause in sorted(everything.items(), key=lambda each: order(each[0])):
        found = [table[id_]["outcome"] if id_ in table else None for table in tables.values()]
        if Outcome.FAILED in found:
            signs = " | ".join("" if each is None else _SIGNS[Outcome(each)] for each in found)
            yield f"| {id_} {clause['slug']} | {clause['level']} | {signs} |"


def _breaks(name: str, report: Report) -> Iterator[str]:
    failed = [each for each in report["clauses"] if each["outcome"] == Outcome.FAILED]
    if not failed:
        return
    yield f"### {name}: {report['subject']}"
    yield ""
    for each in failed:
        yield f"- **{each['id']} {each['slug']}** ({each['level']}): {each['known_failure'] or each['reason']}"
    yield ""


def _releases(reports: Mapping[str, Report]) -> Iterator[str]:
    """A row for each clause that a release with a known bug was asked for."""
    old = {name: report for name, report in reports.items() if _is_release(name)}
    if not old:
        return
    yield "## Releases that have a known bug"
    yield ""
    yield "The same programs on a release with a bug that was reported in public, and on the release above. The old"
    yield "release is asked only for the clauses that the bug breaks."
    yield ""
    yield "| release | clause | it | above | the bug |"
    yield "|---|---|---|---|---|"
    for name, report in old.items():
        above = reports.get(name.partition("/")[0], {"clauses": []})["clauses"]
        kept = {each["id"]: _SIGNS[Outcome(each["outcome"])] for each in above}
        for each in report["clauses"]:
            why = each["known_failure"] or each["reason"]
            yield (
                f"| {report['subject']} | {each['id']} {each['slug']} | {_SIGNS[Outcome(each['outcome'])]} "
                f"| {kept.get(each['id'], '')} | {why} |"
            )
    yield ""


def pairs(names: Sequence[str], met: Meetings) -> str:
    """Which producers and workers understand each other, as Markdown."""
    lines = [
        "## Pairs",
        "",
        "Each producer with each worker. There are two words if the order of their starts matters: worker first /",
        "producer first.",
        "",
        *table(names, met),
        "",
        "What each declares:",
        "",
        *declarations(names, met),
    ]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    signals.run(main, INTERRUPTED)
