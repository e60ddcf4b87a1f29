"""From the outcome of each test to the outcome of each clause, and to the conformance of the run."""

import datetime
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

import pytest

from ..judgement.verdicts import Broken, NotJudged
from ..judgement.verdicts.always import ASKED_ALWAYS
from ..report.explanation import evidence, explain
from ..report.file import write
from ..report.json_report import json_report
from ..report.secrets import hide
from ..report.summary import summary
from ..report.transcript import safe
from ..specification.chapters import chapters, clause_by_id
from ..specification.clauses import Class, Clause, clause_of
from ..specification.outcomes import SUITE_FAILED, Outcome, Result, Results, conformance
from . import options
from .stash import BENCHES, BROKER, SUBJECT

_PROPERTY = "clause"
"""The name of a result among a test report's user properties, which pytest-xdist's workers send too."""


class Judging:
    """The plugin that judges clauses. It is registered only in a run that does so."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._results = Results()
        self._started = datetime.datetime.now(datetime.UTC)
        self._began = time.monotonic()
        self._complete = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Raises NotJudged for a clause that the profile says is not asked."""
        clause = clause_of(getattr(item, "function", None))
        if clause is not None and (why := self._config.stash[SUBJECT].not_asked.get(clause.id)):
            raise NotJudged(why)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Adds the results of the test to its report."""
        report = yield
        clause = clause_of(getattr(item, "function", None))
        if clause is not None and (result := self._result(clause, item, call)) is not None:
            self._show(report, result, item, call)
            report.user_properties.append((_PROPERTY, result.as_json()))
        _hide_secrets(report)
        if clause is not None and call.when == "call":
            report.user_properties += [(_PROPERTY, each.as_json()) for each in self._broken_promises(item)]
        return report

    def _broken_promises(self, item: pytest.Item) -> Iterator[Result]:
        """The clauses that hold all the time and that a program broke in this test, whatever the test is about."""
        core_only = self._config.option.clause_class == Class.CORE
        for bench in self._config.stash[BENCHES]:
            for id_, verdict in bench.broken_promises():
                clause = clause_by_id(id_)
                if core_only and clause.class_ is not Class.CORE:
                    continue
                yield Result.of(
                    clause,
                    Outcome.FAILED,
                    0.0,
                    reason=hide(str(Broken(verdict.expected, verdict.seen))),
                    seen_in=item.name,
                    evidence=evidence([(bench.test, bench.history.events)]),
                    known=self._config.stash[SUBJECT].known_failures.get(id_, ""),
                )

    def _result(self, clause: Clause, item: pytest.Item, call: pytest.CallInfo[None]) -> Result | None:
        """The result of a clause's test, or None if this phase of the test (setup, call, teardown) has none."""
        known = self._config.stash[SUBJECT].known_failures.get(clause.id, "")
        error = call.excinfo.value if call.excinfo else None
        if error is None:
            return (
                Result.of(clause, Outcome.PASSED, call.duration, known=known) if call.when == "call" else None
            )
        if isinstance(error, NotJudged):
            return Result.of(clause, Outcome.NOT_JUDGED, call.duration, reason=hide(str(error)))
        if isinstance(error, Broken):
            benches = [(each.test, each.history.events) for each in self._config.stash[BENCHES]]
            seen = evidence(benches, _judged(item, [name for name, _ in benches]))
            return Result.of(
                clause, Outcome.FAILED, call.duration, reason=hide(str(error)), evidence=seen, known=known
            )
        reason = f"{SUITE_FAILED}: {error!r}"
        return Result.of(clause, Outcome.NOT_JUDGED, call.duration, reason=safe(reason, 300))

    def _show(
        self, report: pytest.TestReport, result: Result, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> None:
        """Puts the result into pytest's own report."""
        error = call.excinfo.value if call.excinfo else None
        if isinstance(error, NotJudged):
            report.outcome = "skipped"
            report.longrepr = (
                str(item.path),
                (item.location[1] or 0) + 1,
                f"{result.id} not judged: {result.reason}",
            )
        elif isinstance(error, Broken):
            again = options.again(self._config, result.id)
            report.longrepr = explain(result, error.expected, error.seen, again)
            if result.known or not result.breaks_conformance:
                report.outcome = "skipped"
                report.wasxfail = result.known or f"{result.id} is a {result.level}: {result.reason}"

    def _clauses(self) -> Sequence[Result]:
        """The results of the run so far. In a partial run, a clause of every test that passes is no proof that its
        known failure is out of date: a test that was not run may still show the failure.
        """
        results = self._results.clauses()
        judged = {each.id for each in results}
        if all(clause.id in judged for chapter in chapters() for clause in chapter.clauses):
            return results
        return [
            replace(each, known="") if each.is_stale and each.id in ASKED_ALWAYS else each for each in results
        ]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collects the results, those of pytest-xdist's workers too."""
        for name, text in report.user_properties:
            if name == _PROPERTY:
                self._results.add(Result.from_json(str(text)))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Sets the exit status and writes the JSON report. The status is not 0 if nothing was judged, if a known
        failure passes, or if a MUST is broken.
        """
        self._complete = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        results = self._clauses()
        if exitstatus == pytest.ExitCode.OK:
            if all(each.outcome is Outcome.NOT_JUDGED for each in results):
                session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED
            elif any(each.is_stale or (each.breaks_conformance and not each.known) for each in results):
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
        given = self._config.option
        if given.report_json and BROKER in self._config.stash and not hasattr(self._config, "workerinput"):
            report = json_report(
                results,
                conformance(results, complete=self._complete),
                subject=self._config.stash[SUBJECT].name,
                broker=self._config.stash[BROKER].describe(),
                queue_type=given.queue_type,
                seed=given.seed,
                started=self._started,
                seconds=time.monotonic() - self._began,
            )
            write(report, given.report_json)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Writes the summary of the clauses to the terminal."""
        if BROKER not in self._config.stash:
            return
        results = self._clauses()
        given = self._config.option
        what = (
            f"{self._config.stash[SUBJECT].name} on {self._config.stash[BROKER].describe()}, "
            f"{given.queue_type} queues, seed {given.seed}"
        )
        summary(terminalreporter, results, conformance(results, complete=self._complete), what)


def _hide_secrets(report: pytest.TestReport) -> None:
    """In what pytest shows of a test, and writes to a JUnit file."""
    if isinstance(report.longrepr, tuple):
        path, line, reason = report.longrepr
        report.longrepr = (path, line, hide(reason))
    elif report.longrepr is not None and hide(shown := str(report.longrepr)) != shown:
        report.longrepr = hide(shown)
    report.sections = [(name, hide(text)) for name, text in report.sections]
    if hasattr(report, "wasxfail"):
        report.wasxfail = hide(report.wasxfail)


def _judged(item: pytest.Item, names: Sequence[str]) -> str:
    """Which of the benches the test is about: that of the chapter which its parameters name, or else its own.

    Empty if it shares something else with its chapter, since it may then be about either.
    """
    parameters = getattr(getattr(item, "callspec", None), "params", {}).values()
    if named := next((name for name in names if name in parameters), ""):
        return named
    used = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {}).values()
    shared = any(fixtures[-1].scope == "module" for fixtures in used)
    return item.name if item.name in names and not shared else ""
