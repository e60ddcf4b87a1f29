"""From the outcome of each test to the outcome of each clause, and to the conformance of the run."""

import datetime
import math
import shlex
import time
from collections.abc import Generator, Iterable, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

import pika.exceptions
import pytest

from .. import importable
from ..bench.bench import Bench
from ..bench.broker_profiles import known_to_break
from ..broker.control import Unanswered
from ..broker.health import ailment
from ..errors import SetupError
from ..judgement.verdicts import Broken, Moment, NoAnswer, NotJudged, Verdict
from ..judgement.verdicts.always import asked_always
from ..programs import signals
from ..report import about
from ..report.events import HistoryData, as_data
from ..report.explanation import explanation
from ..report.file import write, write_text
from ..report.html.page import page
from ..report.json_report import BEHAVIOURS, clauses_data, json_report
from ..report.secrets import hide
from ..report.summary import summary
from ..report.transcript import safe
from ..specification.chapters import all_clauses, clause_by_id, clauses_by_test
from ..specification.clauses import Clause, Role, clause_of, is_own
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
from .arguments import SPEC_TESTS, name_own_tests, name_the_specification
from .completeness import Completeness, is_crash
from .stash import BENCHES, BROKER, FORESEEN, SUBJECT
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
        self._own: dict[str, Clause] = {}
        """The team's own clauses by the ids of their tests, as far as this process has collected them."""
        self._plain_passed = False
        """Whether a team's test that judges no clause has passed."""
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
        clauses = ((item.nodeid, clause_of(getattr(item, "function", None))) for item in session.items)
        self._own |= {test: clause for test, clause in clauses if clause is not None and clause.own}
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
        return [id_ for id_ in ids if is_own(id_) or asked.change_of(clause_by_id(id_), self._config) is None]

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
            self._show_plain(report, call)
            return report
        ill = self._ailment(call)
        promised = call.when == "call" and not ill and not clause.own
        promises = self._broken_promises(item) if promised else []
        if (result := self._result(clause, item, call, ill)) is not None:
            if result.outcome is Outcome.FAILED:
                result = replace(result, beside=_before(promises, result))
            self._show(report, result, item, _error(clause, call))
            report.user_properties.append((_PROPERTY, result.as_json()))
        _hide_secrets(report)
        if ill and not self._config.stash[BROKER].starts_at_once:
            report.user_properties.append((_AILMENT, ill))
            item.session.shouldstop = f"{BROKER_FAILED}: {ill}"
        elif call.when == "call":
            report.user_properties += [(_PROPERTY, each.as_json()) for each in promises]
        return report

    def _show_plain(self, report: pytest.TestReport, call: pytest.CallInfo[None]) -> None:
        """Puts into pytest's own report what it does not know of a team's test that judges no clause."""
        if call.excinfo is not None and isinstance(call.excinfo.value, NotJudged):
            path, line, _ = report.location
            report.outcome = "skipped"
            report.longrepr = (path, (line or 0) + 1, f"not judged: {call.excinfo.value}")
        _hide_secrets(report)

    def _ailment(self, call: pytest.CallInfo[None]) -> str:
        """What is wrong with a broker of the test, if something failed; empty if nothing failed or all are well."""
        if call.excinfo is None or isinstance(call.excinfo.value, NotJudged):
            return ""
        brokers = [each.broker for each in self._config.stash[BENCHES]] or [self._config.stash[BROKER]]
        return next((ill for broker in dict.fromkeys(brokers) if (ill := ailment(broker))), "")

    def _broken_promises(self, item: pytest.Item) -> list[Result]:
        """The clauses that hold all the time and that a program broke in this test, whatever the test is about. The
        one that was broken first comes first.
        """
        broken: list[tuple[float, str, Verdict, Bench]] = []
        subject = self._config.stash[SUBJECT]
        for bench in self._config.stash[BENCHES]:
            for id_, verdict in bench.broken_promises():
                if id_ not in subject.not_asked and asked.is_asked_for(clause_by_id(id_), self._config):
                    at = None if verdict.decided_by is None else verdict.decided_by.at
                    broken.append((math.inf if at is None else at, id_, verdict, bench))
        broken.sort(key=lambda each: each[:1])
        return [
            self._of(
                clause_by_id(id_),
                Outcome.FAILED,
                0.0,
                **_broken(verdict),
                seen_in=item.name,
                beside=tuple(dict.fromkeys(each for _, each, _, _ in broken[:place] if each != id_)),
                histories=as_data([(bench.test, bench.history.events)], decided_by=verdict.decided_by),
                known=subject.known_failures.get(id_, ""),
            )
            for place, (_, id_, verdict, bench) in enumerate(broken)
        ]

    def _of(self, clause: Clause, outcome: Outcome, seconds: float, **details: Any) -> Result:
        """The result of one of the clause's tests, as the edition that is asked for has the clause."""
        change = asked.change_of(clause, self._config)
        details |= {"queue_type": self._config.option.queue_type, "change": change}
        return Result.of(asked.as_asked(clause, self._config), outcome, seconds, **details)

    def _result(
        self, clause: Clause, item: pytest.Item, call: pytest.CallInfo[None], ill: str
    ) -> Result | None:
        """The result of a clause's test, or None if this phase of the test (setup, call, teardown) has none.

        If the broker is `ill`, nothing follows for a program. A broker that dies of a promise has broken it.
        """
        known = self._config.stash[SUBJECT].known_failures.get(clause.id, "")
        error = _error(clause, call)
        if error is None:
            if call.when != "call":
                return None
            histories = self._histories(item, call) if clause.id in BEHAVIOURS else ()
            return self._of(
                clause,
                Outcome.PASSED,
                call.duration,
                known=known,
                histories=histories,
                details=self._details(),
            )
        if isinstance(error, NotJudged):
            return self._of(clause, Outcome.NOT_JUDGED, call.duration, reason=hide(str(error)))
        if ill and not (isinstance(error, Broken) and clause.role is Role.BROKER):
            return self._of(clause, Outcome.NOT_JUDGED, call.duration, reason=f"{BROKER_FAILED}: {ill}")
        if said := _failure_of_the_broker(error, clause):
            reason = f"{BROKER_FAILED}: {said}"
            return self._of(clause, Outcome.NOT_JUDGED, call.duration, reason=safe(hide(reason), 300))
        product = self._config.stash[BROKER].product
        if isinstance(error, Broken) and (
            broken := [id_ for id_ in clause.presumes if id_ in known_to_break(product)]
        ):
            slug = clause_by_id(broken[0]).slug
            reason = f"{product} is known not to keep {broken[0]} ({slug}), which this clause presumes"
            return self._of(clause, Outcome.NOT_JUDGED, call.duration, reason=reason)
        if isinstance(error, Broken):
            histories = self._histories(item, call, error.decided_by)
            return self._of(
                clause,
                Outcome.FAILED,
                call.duration,
                **_broken(error),
                histories=histories,
                known=known,
                details=self._details(),
            )
        reason = f"{SUITE_FAILED}: {in_one_sentence(error)}"
        return self._of(clause, Outcome.NOT_JUDGED, call.duration, reason=safe(reason, 300))

    def _details(self) -> dict[str, Any] | None:
        """What the benches in use now found out beside the verdict."""
        return {
            name: each for bench in self._config.stash[BENCHES] for name, each in bench.details.items()
        } or None

    def _histories(
        self, item: pytest.Item, call: pytest.CallInfo[None], decided_by: Moment | None = None
    ) -> tuple[HistoryData, ...]:
        """The histories of the benches in use now, as data, until the test came to its end."""
        since = time.time() - call.stop
        judged_at = {each.test: each.history.now - since for each in self._config.stash[BENCHES]}
        benches = [(each.test, each.history.events) for each in self._config.stash[BENCHES]]
        return as_data(benches, _judged(item, list(judged_at)), decided_by, judged_at)

    def _show(
        self, report: pytest.TestReport, result: Result, item: pytest.Item, error: BaseException | None
    ) -> None:
        """Puts the result into pytest's own report."""
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
            (clause,) = clauses_data([result], self._again)
            report.longrepr = explanation(clause)
            if result.known or not result.breaks_conformance:
                report.outcome = "skipped"
                report.wasxfail = (
                    result.known or f"{result.id} is {self._why_no_failure(result)}: {result.reason}"
                )
        elif isinstance(error, SetupError):
            report.longrepr = f"{result.id} not judged: {SUITE_FAILED}: {without_values(str(error))}"
        else:
            shown = pytest.ExceptionInfo.from_exception(error).getrepr(style="short", showlocals=False)
            report.longrepr = without_values(str(shown))

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
        every = all(clause.id in judged for clause in all_clauses() if asked.is_about(clause, self._config))
        passed = {each.id for each in results if each.outcome is Outcome.PASSED}
        return passed if every else passed - asked_always(self._config.stash[SUBJECT].prefetch)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collects the results, those of pytest-xdist's workers too. A JUnit file gets them without histories and
        remedies.
        """
        running = self._tests.running
        if is_crash(report) and (clause := self._clause_of_test(report.nodeid)):
            self._results.add(
                self._of(clause, Outcome.NOT_JUDGED, 0.0, reason="the process that judged it ended")
            )
        for place, (name, value) in enumerate(report.user_properties):
            if name == _PROPERTY:
                result = Result.from_json(str(value))
                self._results.add(result)
                if not hasattr(self._config, "workeroutput"):
                    in_short = replace(result, histories=(), remedy=None, details=None)
                    report.user_properties[place] = (_PROPERTY, in_short.as_json())
            elif name == _AILMENT:
                found = [each.id if (each := self._clause_of_test(test)) else test for test in running]
                names = " and ".join(filter(None, [", ".join(found[:-1]), *found[-1:]]))
                verb = "was" if len(found) == 1 else "were"
                self._tests.broke_off(
                    f"{BROKER_FAILED}: {value}; {names} {verb} running when that was noticed"
                )
        judges = any(name == _PROPERTY for name, _ in report.user_properties)
        if report.when == "call" and not judges and report.passed:
            self._plain_passed = True
        self._tests.reported(report)

    def _clause_of_test(self, test: str) -> Clause | None:
        """The clause that the test with this id of pytest judges. None for a team's own test if another process of
        pytest-xdist has collected it.
        """
        return self._own.get(test) or _clause_of_the_specification(test)

    def _conclusion(self, results: Sequence[Result]) -> Conclusion:
        self._tests.interrupted = signals.interrupted()
        return conformance(
            results,
            whole=asked.whole(self._config),
            gaps=self._tests.gaps(self._exit_status),
            edition=self._edition or "",
            lapsed=asked.lapsed(self._config),
            absent=self._config.stash[SUBJECT].absent,
        )

    @property
    def _edition(self) -> str | None:
        """The edition that is asked for, as it is shown."""
        edition = asked.edition_of(self._config)
        return None if edition is None else edition.title

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Sets the exit status, and writes the JSON report and the list of known failures.

        The status is not 0 if nothing was judged and no other test passed, if a known failure passes, if a MUST is
        broken, or if the run was interrupted.
        """
        results = self._clauses()
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) and signals.interrupted():
            exitstatus = session.exitstatus = pytest.ExitCode.INTERRUPTED
        self._exit_status = int(exitstatus)
        if exitstatus == pytest.ExitCode.OK:
            judged = any(each.outcome is not Outcome.NOT_JUDGED for each in results if each.counts)
            if not judged and not self._plain_passed:
                session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED
            elif any(each.is_stale or (each.breaks_conformance and not each.known) for each in results):
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput[_IN_PART] = self._in_part
            return
        given = self._config.option
        if (given.report_json or given.report_html) and BROKER in self._config.stash:
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
                foreseen=list(self._config.stash[FORESEEN].values()),
                about=self._about(),
                again=self._again,
            )
            if given.report_json:
                write(report, given.report_json)
            if given.report_html:
                write_text(page(report, about.repository()), given.report_html)
        if given.write_known_failures and BROKER in self._config.stash:
            self._say = self._write_known_failures(results)

    def _about(self) -> dict[str, Any]:
        """With what was judged, as the JSON report says it."""
        name, version = about.suite()
        subject = self._config.stash[SUBJECT]
        exchange, routing_key = subject.route
        return {
            "suite": {"name": name, "version": version},
            "options": options.as_given(self._config),
            "platform": about.machine(),
            "program": {
                "name": subject.name,
                **{name: hide(shlex.join(command.parts)) for name, command in subject.programs},
            },
            "prefetch": subject.prefetch,
            "concurrency": subject.concurrency,
            "exchange": exchange,
            "routing_key": routing_key,
            "queues": list(subject.queues),
        }

    def _write_known_failures(self, results: Sequence[Result]) -> str:
        """Writes the list of known failures, and returns what is said about it."""
        if self._exit_status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return "the run did not come to its end, so no known failures were written"
        day = f"{self._started:%Y-%m-%d}"
        return known_failures.write(self._config, results, self._shown_to_hold(results), day)

    def _again(self, tests: str) -> str:
        """The command that runs these tests again, named as for `-k`."""
        return hide(options.again(self._config, tests))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> Generator[None, None, None]:
        """Writes the summary of the clauses to the terminal, in place of what pytest says of their tests."""
        if BROKER not in self._config.stash:
            yield
            return
        verbose = terminalreporter.verbosity > 0
        left_out = {} if verbose else _leave_out_clauses(terminalreporter)
        if not verbose and not name_own_tests(self._config.args, self._config):
            # pytest's last line counts tests, and the specification's are clauses, which are counted above it
            setattr(terminalreporter, "summary_stats", lambda: None)  # noqa: B010 - mypy forbids the assignment
        yield
        terminalreporter.stats.update(left_out)  # for that last line
        results = self._clauses()
        if not results and not name_the_specification(self._config.args, self._config):
            return  # a team's plain tests: pytest says what became of them
        summary(
            terminalreporter,
            clauses_data(results, self._again),
            self._conclusion(results),
            asked.description(self._config),
            edition=self._config.option.edition or "",
            verbose=verbose,
        )
        if self._say:
            terminalreporter.write_line(self._say)


def _leave_out_clauses(terminal: pytest.TerminalReporter) -> dict[str, list[Any]]:
    """Keeps pytest from showing the tests of clauses: our summary shows the clauses. An error of the suite itself
    is shown by pytest all the same. Returns the reports as they were.
    """
    before = {
        name: terminal.stats.get(name, []) for name in ("failed", "error", "skipped", "xfailed", "xpassed")
    }
    for name, reports in before.items():
        terminal.stats[name] = [each for each in reports if not _is_of_clause(each)]
    return before


def _is_of_clause(report: Any) -> bool:
    """Whether this is the report of a test that judged a clause, or found that it cannot be judged here."""
    results = [
        Result.from_json(str(value))
        for name, value in getattr(report, "user_properties", ())
        if name == _PROPERTY
    ]
    return bool(results) and not results[0].reason.startswith(SUITE_FAILED)


def _broken(by: Verdict | Broken) -> dict[str, str]:
    """What a result says of a promise that was broken."""
    return {
        "reason": hide(str(Broken(by.expected, by.seen))),
        "expected": hide(by.expected),
        "seen": hide(by.seen),
        "kind": str(by.kind or ""),
    }


def _before(promises: Sequence[Result], result: Result) -> tuple[str, ...]:
    """Which of the promises, the earliest first, were broken before that of this result. A promise that was broken
    after it is no cause of it.
    """
    ids = list(dict.fromkeys(each.id for each in promises))
    if result.id in ids:
        return tuple(ids[: ids.index(result.id)])
    decided = _decided_at(result)
    before = [each.id for each in promises if not _is_later(_decided_at(each), decided)]
    return tuple(dict.fromkeys(before))


def _decided_at(result: Result) -> tuple[str, float] | None:
    """The name of the history that holds the event that decided, and its time; None if no event is known."""
    for history in result.histories:
        for event in history["events"]:
            if event["number"] == history["decided_by"]:
                return history["name"], event["at"]
    return None


def _is_later(one: tuple[str, float] | None, other: tuple[str, float] | None) -> bool:
    """Whether the one is known to be later. Times of different histories cannot be compared."""
    return one is not None and other is not None and one[0] == other[0] and one[1] > other[1]


def _id(item: pytest.Item) -> str:
    clause = clause_of(getattr(item, "function", None))
    return "" if clause is None else clause.id


def _clause_of_the_specification(nodeid: str) -> Clause | None:
    """The specification's clause that the test with this id of pytest judges. The id's path begins at pytest's root
    folder, wherever that is.
    """
    path, _, name = nodeid.partition("::")
    if PurePath(path).parent.name not in ("", SPEC_TESTS.name):  # empty with --pyargs
        return None
    module = importable(f"{SPEC_TESTS.name}.{PurePath(path).stem}")
    return clauses_by_test().get(f"{module}::{name.partition('[')[0]}")


def _failure_of_the_broker(error: BaseException, clause: Clause) -> str:
    """What the broker did to the suite instead of an answer, as words that follow "the broker failed:"; empty if
    the error says nothing of the kind. A clause that the broker owes is judged all the same, if it can be.
    """
    if isinstance(error, Unanswered):
        return str(error)
    if isinstance(error, NoAnswer) and clause.role is not Role.BROKER:
        return f"expected {error.expected}, and there was {error.seen}"
    if isinstance(error, pika.exceptions.AMQPConnectionError):
        return f"it ended the suite's own connection: {str(error) or repr(error)}"
    return ""


def _error(clause: Clause, call: pytest.CallInfo[None]) -> BaseException | None:
    """What the test raised. In the test of a team's own clause, a plain `assert` judges the clause, and what skips
    the test says that the clause is not judged.
    """
    error = call.excinfo.value if call.excinfo else None
    if clause.own and isinstance(error, pytest.skip.Exception):
        return NotJudged(error.msg or "the test skips itself")
    if clause.own and isinstance(error, AssertionError) and not isinstance(error, Broken):
        return Broken("what the test asserts", in_one_sentence(error))
    return error


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
