"""JSON reports, ordered by program, broker and queue type."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import SetupError
from ...specification.outcomes import Conformance, Outcome
from ..html import installed
from ..transcript import safe

Report = Mapping[str, Any]
ClauseData = Mapping[str, Any]

_ID = re.compile(r"[A-Z][0-9]{1,4}")
_VERSION = re.compile(r"[\w.-]{1,40} \d+\.\d+")
"""A broker's product and version, without its patch level."""
_NAME = 60
"""The most characters of a name in an address."""
_WORST_FIRST = (Conformance.NONCONFORMANT, Conformance.INCONCLUSIVE, Conformance.CONFORMANT)


@dataclass(frozen=True)
class Broker:
    """A broker of some runs."""

    name: str
    label: str
    """Its name and version in short, if no other broker has the same ones; otherwise its name."""
    slug: str


@dataclass(frozen=True)
class Run:
    """A run: one program with one broker and one queue type."""

    file: Path
    report: Report
    broker: Broker
    address: str
    """The address of its page, from the folder of the site."""

    @property
    def queue_type(self) -> str:
        """Classic or quorum."""
        return str(self.report["queue_type"])

    @property
    def label(self) -> str:
        """The broker and the queue type in short."""
        return f"{self.broker.label}, {self.queue_type}"

    @property
    def verdict(self) -> Conformance:
        """The verdict of the run."""
        return Conformance(self.report["verdict"])

    def clause(self, id_: str) -> ClauseData | None:
        """What the run says of the clause; None if the clause was not asked for."""
        return next((each for each in self.report["clauses"] if each["id"] == id_), None)

    def failed(self, *levels: str) -> int:
        """How many clauses of these levels failed and count."""
        return sum(
            each["outcome"] == Outcome.FAILED and each["level"] in levels and each["edition"] is None
            for each in self.report["clauses"]
        )


@dataclass(frozen=True)
class Program:
    """A program with all its runs."""

    name: str
    short: str
    """The name of its folder, if the reports have it; otherwise its name."""
    slug: str
    runs: tuple[Run, ...]

    @property
    def brokers(self) -> tuple[Broker, ...]:
        """The brokers with which it was judged."""
        return tuple(dict.fromkeys(each.broker for each in self.runs))

    @property
    def versions(self) -> str:
        """The versions of its libraries, if the reports have them."""
        found = dict.fromkeys(each.report["program"].get("versions", "") for each in self.runs)
        return "; ".join(filter(None, found))


def worst(runs: Sequence[Run]) -> Conformance:
    """The worst verdict of the runs."""
    return min((each.verdict for each in runs), key=_WORST_FIRST.index)


def mistake_in(report: object) -> str:
    """Why this is no report for the site, as the end of a sentence; empty if it is one."""
    if mistake := installed.mistake_in(report):
        return mistake
    assert isinstance(report, dict)
    ids = [each["id"] for each in report["clauses"]]
    for number, id_ in enumerate(ids):
        if not _ID.fullmatch(id_):
            return f"is a damaged report: {safe(id_, 20)!r} is no id of a clause"
        if id_ in ids[:number]:
            return f"is a damaged report: it has the clause {id_} twice"
    return ""


def programs(reports: Iterable[tuple[Path, Report]]) -> tuple[Program, ...]:
    """The programs with their runs, by their names. Raises SetupError if two reports are of the same program,
    broker and queue type.
    """
    found: dict[str, dict[tuple[str, str], tuple[Path, Report]]] = {}
    for file, report in reports:
        of_program = found.setdefault(report["subject"], {})
        key = report["broker"], report["queue_type"]
        if key in of_program:
            raise SetupError(
                f"{file} and {of_program[key][0]} are of the same program, broker and queue type; leave one out."
            )
        of_program[key] = file, report
    brokers = _brokers({broker for each in found.values() for broker, _ in each})
    shorts = {name: _short(name, [report for _, report in each.values()]) for name, each in found.items()}
    slugs = _slugs((name, shorts[name]) for name in found)
    made = [
        Program(name, shorts[name], slugs[name], tuple(_runs(of_program, slugs[name], brokers)))
        for name, of_program in found.items()
    ]
    return tuple(sorted(made, key=lambda each: each.slug))


def _runs(
    of_program: Mapping[tuple[str, str], tuple[Path, Report]], program: str, brokers: Mapping[str, Broker]
) -> Iterator[Run]:
    for (name, queue_type), (file, report) in sorted(
        of_program.items(), key=lambda each: (_in_order(each[0][0]), each[0][1])
    ):
        broker = brokers[name]
        yield Run(file, report, broker, f"runs/{program}/{broker.slug}-{queue_type}.html")


def _in_order(name: str) -> tuple[list[int], str]:
    """Version 4.10 after version 4.9."""
    return [int(each) for each in re.findall(r"[0-9]{1,9}", name)[:3]], name


def _brokers(names: Iterable[str]) -> dict[str, Broker]:
    ordered = sorted(names, key=_in_order)
    in_short = {name: found[0] if (found := _VERSION.match(name)) else name for name in ordered}
    several = {each for each in in_short.values() if list(in_short.values()).count(each) > 1}
    labels = {name: name if short in several else short for name, short in in_short.items()}
    slugs = _slugs((name, labels[name]) for name in ordered)
    return {name: Broker(name, labels[name], slugs[name]) for name in ordered}


def _short(name: str, reports: Sequence[Report]) -> str:
    return next((folder for each in reports if (folder := each["program"].get("folder"))), name)


def _slugs(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """A part of an address for each name, from its short form. No two are alike."""
    slugs: dict[str, str] = {}
    for name, short in sorted(names):
        plain = re.sub(r"[^a-z0-9.]+", "-", short.lower()).strip("-.")[:_NAME].strip("-.") or "program"
        slug, number = plain, 1
        while slug in slugs.values():
            number += 1
            slug = f"{plain}-{number}"
        slugs[name] = slug
    return slugs
