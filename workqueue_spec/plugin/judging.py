"""From the outcome of each test to the outcome of each clause, and to the conformance of the run."""

import datetime
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from ..broker.health import ailment
from ..errors import SetupError
from ..judgement.verdicts import Broken, NotJudged
from ..judgement.verdicts.always import asked_always
from ..programs import signals
from ..report.explanation import evidence, explain
from ..report.file import write
from ..report.json_report import json_report
from ..report.secrets import hide
from ..report.summary import summary
from ..report.transcript import safe
from ..specification.chapters import chapters, clause_by_id, clauses_by_test
from ..specification.clauses import Clause, Role, clause_of
from ..specification.outcomes import (
    BROKER_FAILED,
    SUITE_FAILED,
    Conclusion,
    Outcome,
    Result,
    Results,
    conformance,
)
from . import asked, known_failures, options
from .completeness import Completeness, is_crash
from .stash import BENCHES, BROKER, SUBJECT
from .suite_errors import in_one_sentence, without_values

_PROPERTY = "clause"
"""The name of a result among a test report's user properties, which pytest-xdist's workers send too."""
_AILMENT = "broker"
"""The name of what is wrong with the broker, among a test report's user properties."""
_IN_PART = "workqueue-spec-in-part"
"""The name of the clauses of which only some tests are asked for, among what a worker of pytest-xdist says last."""


class Judging:
    """The plugin that judges clauses. It is registered only in a run that does so."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._results = Results()
        self._started = datetime.datetime.now(datetime.UTC)
        self._began = time.monotonic()
        self._tests = Completeness()
        self._in_part: list[str] = []
        self._exit_status = int(pytest.ExitCode.OK)
        self._say = ""
        """What is said in the end about the list of known failures."""

    # What is to be judged

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, None, None]:
        """Notes of which clauses only some tests are left, after all plugins have deselected theirs."""
        before = [item for item in items if self._is_asked_for(item)]
        yield
        left = set(items)
        gone = {_id(item) for item in before if item not in left}
        self._in_part = sorted(gone & {_id(item) for item in items})

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Notes the tests that this process runs. Under pytest-xdist each worker does so, and says what is left."""
        self._tests.collected(item.nodeid for item in session.items)
        named = {arg.rpartition("::")[2] for arg in self._config.args if "::" in arg}
        named_in_part = {_id(item) for item in session.items if "[" in item.name and item.name in named}
        self._in_part = sorted({*self._in_part, *named_in_part})
        self._tests.asked_in_part(self._counted(self._in_part))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Notes the tests that a worker of pytest-xdist has collected."""
        self._tests.collected(ids)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Takes over what a worker of pytest-xdist says in the end."""
        self._tests.asked_in_part(self._counted(getattr(node, "workeroutput", {}).get(_IN_PART, ())))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Notes that the test runs."""
        self._tests.began(nodeid)

    def _is_asked_for(self, item: pytest.Item) -> bool:
        clause = clause_of(getattr(item, "function", None))
        return clause is not None and asked.is_asked_for(clause, self._config)

    def _counted(self, ids: Iterable[str]) -> list[str]:
        """Those of the clauses that count in the edition that is asked for."""
        return [id_ for id_ in ids if asked.change_of(clause_by_id(id_), self._config) is None]

    # What comes of it

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
        if clause is None:
            return report
        ill = self._ailment(call)
        if (result := self._result(clause, item, call, ill)) is not None:
            self._show(report, result, item, call)
            report.user_properties.append((_PROPERTY, result.as_json()))
        _hide_secrets(report)
        if ill:
            report.user_properties.append((_AILMENT, ill))
            item.session.shouldstop = f"{BROKER_FAILED}: {ill}"
        elif call.when == "call":
            report.user_properties += [(_PROPERTY, each.as_json()) for each in self._broken_promises(item)]
        return report

    def _ailment(self, call: pytest.CallInfo[None]) -> str:
        """What is wrong with a broker of the test, if something failed; empty if nothing failed or all are well."""
        if call.excinfo is None or isinstance(call.excinfo.value, NotJudged):
            return ""
        brokers = [each.broker for each in self._config.stash[BENCHES]] or [self._config.stash[BROKER]]
        return next((ill for broker in dict.fromkeys(brokers) if (ill := ailment(broker))), "")

    def _broken_promises(self, item: pytest.Item) -> Iterator[Result]:
        """The clauses that hold all the time and that a program broke in this test, whatever the test is about."""
        for bench in self._config.stash[BENCHES]:
            for id_, verdict in bench.broken_promises():
                clause = clause_by_id(id_)
                if not asked.is_asked_for(clause, self._config):
                    continue
                yield self._of(
                    clause,
                    Outcome.FAILED,
                    0.0,
                    reason=hide(str(Broken(verdict.expected, verdict.seen))),
                    seen_in=item.name,
                    evidence=evidence([(bench.test, bench.history.events)]),
                    known=self._config.stash[SUBJECT].known_failures.get(id_, ""),
                )

    def _of(self, clause: Clause, outcome: Outcome, seconds: float, **details: Any) -> Result:
        """The result of one of the clause's tests, as the edition that is asked for has the clause."""
        change = asked.change_of(clause, self._config)
        return Result.of(asked.as_asked(clause, self._config), outcome, seconds, change=change, **details)

    def _result(
        self, clause: Clause, item: pytest.Item, call: pytest.CallInfo[None], ill: str
    ) -> Result | None:
        """The result of a clause's test, or None if this phase of the test (setup, call, teardown) has none.

        If the broker is `ill`, nothing follows for a program. A broker that dies of a promise has broken it.
        """
        known = self._config.stash[SUBJECT].known_failures.get(clause.id, "")
        error = call.excinfo.value if call.excinfo else None
        if error is None:
            return (
                self._of(clause, Outcome.PASSED, call.duration, known=known) if call.when == "call" else None
            )
        if isinstance(error, NotJudged):
            return self._of(clause, Outcome.NOT_JUDGED, call.duration, reason=hide(str(error)))
        if ill and not (isinstance(error, Broken) and clause.role is Role.BROKER):
            return self._of(clause, Outcome.NOT_JUDGED, call.duration, reason=f"{BROKER_FAILED}: {ill}")
        if isinstance(error, Broken):
            benches = [(each.test, each.history.events) for each in self._config.stash[BENCHES]]
            seen = evidence(benches, _judged(item, [name for name, _ in benches]))
            return self._of(
                clause, Outcome.FAILED, call.duration, reason=hide(str(error)), evidence=seen, known=known
            )
        reason = f"{SUITE_FAILED}: {in_one_sentence(error)}"
        return self._of(clause, Outcome.NOT_JUDGED, call.duration, reason=safe(reason, 300))

    def _show(
        self, report: pytest.TestReport, result: Result, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> None:
        """Puts the result into pytest's own report."""
        error = call.excinfo.value if call.excinfo else None
        if error is None:
            return
        if result.outcome is Outcome.NOT_JUDGED and not (
            result.counts and result.reason.startswith(SUITE_FAILED)
        ):
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
                report.wasxfail = (
                    result.known or f"{result.id} is {self._why_no_failure(result)}: {result.reason}"
                )
        elif isinstance(error, SetupError):
            report.longrepr = f"{result.id} not judged: {SUITE_FAILED}: {without_values(str(error))}"
        elif call.excinfo is not None:
            report.longrepr = without_values(
                str(call.excinfo.getrepr(style="short", funcargs=False, showlocals=False))
            )

    def _why_no_failure(self, result: Result) -> str:
        """Why the run does not fail because of the clause."""
        if result.change is not None:
            return result.change.since(self._config.option.edition)
        return f"a {result.level}"

    def _clauses(self) -> Sequence[Result]:
        """The results of the run so far. In a partial run, a clause of every test that passes is no proof that its
        known failure is out of date: a test that was not run may still show the failure.
        """
        results = self._results.clauses()
        holds = self._shown_to_hold(results)
        return [
            replace(each, known="") if each.is_stale and each.id not in holds else each for each in results
        ]

    def _shown_to_hold(self, results: Sequence[Result]) -> set[str]:
        """The ids of the clauses that passed, except those of every test if not all clauses were judged."""
        judged = {each.id for each in results}
        every = all(clause.id in judged for chapter in chapters() for clause in chapter.clauses)
        passed = {each.id for each in results if each.outcome is Outcome.PASSED}
        return passed if every else passed - asked_always(self._config.stash[SUBJECT].prefetch)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collects the results, those of pytest-xdist's workers too."""
        running = self._tests.running
        if is_crash(report) and (clause := _clause_of_test(report.nodeid)):
            self._results.add(
                self._of(clause, Outcome.NOT_JUDGED, 0.0, reason="the process that judged it ended")
            )
        for name, value in report.user_properties:
            if name == _PROPERTY:
                self._results.add(Result.from_json(str(value)))
            elif name == _AILMENT:
                found = [each.id for test in running if (each := _clause_of_test(test))]
                names = " and ".join(filter(None, [", ".join(found[:-1]), *found[-1:]]))
                verb = "was" if len(found) == 1 else "were"
                self._tests.broke_off(
                    f"{BROKER_FAILED}: {value}; {names} {verb} running when that was noticed"
                )
        self._tests.reported(report)

    def _conclusion(self, results: Sequence[Result]) -> Conclusion:
        self._tests.interrupted = signals.interrupted()
        return conformance(
            results,
            whole=asked.whole(self._config),
            gaps=self._tests.gaps(self._exit_status),
            edition=self._edition or "",
            lapsed=asked.lapsed(self._config),
        )

    @property
    def _edition(self) -> str | None:
        """The edition that is asked for, as it is shown."""
        edition = asked.edition_of(self._config)
        return None if edition is None else edition.title

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Sets the exit status, and writes the JSON report and the list of known failures.

        The status is not 0 if nothing was judged, if a known failure passes, if a MUST is broken, or if the run was
        interrupted.
        """
        results = self._clauses()
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) and signals.interrupted():
            exitstatus = session.exitstatus = pytest.ExitCode.INTERRUPTED
        self._exit_status = int(exitstatus)
        if exitstatus == pytest.ExitCode.OK:
            if all(each.outcome is Outcome.NOT_JUDGED for each in results if each.counts):
                session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED
            elif any(each.is_stale or (each.breaks_conformance and not each.known) for each in results):
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput[_IN_PART] = self._in_part
            return
        given = self._config.option
        if given.report_json and BROKER in self._config.stash:
            report = json_report(
                results,
                self._conclusion(results),
                subject=self._config.stash[SUBJECT].name,
                edition=self._edition,
                broker=self._config.stash[BROKER].describe(),
                queue_type=given.queue_type,
                seed=given.seed,
                started=self._started,
                seconds=time.monotonic() - self._began,
            )
            write(report, given.report_json)
        if given.write_known_failures and BROKER in self._config.stash:
            self._say = self._write_known_failures(results)

    def _write_known_failures(self, results: Sequence[Result]) -> str:
        """Writes the list of known failures, and returns what is said about it."""
        if self._exit_status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return "the run did not come to its end, so no known failures were written"
        day = f"{self._started:%Y-%m-%d}"
        return known_failures.write(self._config, results, self._shown_to_hold(results), day)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Writes the summary of the clauses to the terminal."""
        if BROKER not in self._config.stash:
            return
        results = self._clauses()
        summary(
            terminalreporter,
            results,
            self._conclusion(results),
            asked.description(self._config),
            edition=self._config.option.edition or "",
        )
        if self._say:
            terminalreporter.write_line(self._say)


def _id(item: pytest.Item) -> str:
    clause = clause_of(getattr(item, "function", None))
    return "" if clause is None else clause.id


def _clause_of_test(nodeid: str) -> Clause | None:
    """The clause that the test with this id of pytest judges."""
    path, _, name = nodeid.partition("::")
    return clauses_by_test().get(f"{path.removesuffix('.py').replace('/', '.')}::{name.partition('[')[0]}")


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
