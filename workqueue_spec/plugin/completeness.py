"""Which tests a run was to judge by, which of them came to their end, and why the others did not."""

from collections.abc import Collection, Iterable

import pytest

_PHASES = ("setup", "call", "teardown")


def is_crash(report: pytest.TestReport) -> bool:
    """Whether the report is pytest-xdist's own about a test whose process ended while the test ran."""
    return report.when not in _PHASES


class Completeness:
    """What is to come and what has come, by the ids of the tests. A test has come to its end after its teardown."""

    def __init__(self) -> None:
        self._collected: set[str] = set()
        self._ended: set[str] = set()
        self._crashed: set[str] = set()
        self._running: dict[str, None] = {}
        self._in_part: set[str] = set()
        self._broken_off: list[str] = []
        self.interrupted = False
        """Whether a signal has interrupted the run."""

    def collected(self, tests: Iterable[str]) -> None:
        """These tests are to be run. Each process of pytest-xdist collects the same ones."""
        self._collected |= set(tests)

    def asked_in_part(self, clauses: Iterable[str]) -> None:
        """Only some of the tests of these clauses are to be run."""
        self._in_part |= set(clauses)

    def began(self, test: str) -> None:
        """The test is running now."""
        self._running[test] = None

    def reported(self, report: pytest.TestReport) -> None:
        """One phase of a test is over, or the process that ran the test has ended."""
        if is_crash(report):
            self._crashed.add(report.nodeid)
        elif report.when == "teardown":
            self._ended.add(report.nodeid)
        else:
            return
        self._running.pop(report.nodeid, None)

    @property
    def running(self) -> Collection[str]:
        """The tests that have begun and not ended, in the order in which they began."""
        return self._running

    def broke_off(self, why: str) -> None:
        """Something ended the run before its time. The first of such reasons counts."""
        self._broken_off.append(why)

    def gaps(self, exit_status: int) -> list[str]:
        """What the run did not come to: a sentence without a full stop for each, the most important first."""
        gaps = self._broken_off[:1]
        if missing := len(self._unfinished):
            tests = "1 test did not come to its" if missing == 1 else f"{missing} tests did not come to their"
            gaps.append(f"{tests} end: {self._why(exit_status)}")
        elif self._was_interrupted(exit_status):
            gaps.append("the run was interrupted")
        elif exit_status in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
            gaps.append("the run broke off with an error")
        return gaps + [f"{id_} was asked for in part" for id_ in sorted(self._in_part)]

    @property
    def _unfinished(self) -> set[str]:
        """A test whose process ended is one of them, even if pytest-xdist ran it again in another process."""
        return self._collected - (self._ended - self._crashed)

    def _why(self, exit_status: int) -> str:
        if self._was_interrupted(exit_status):
            return "the run was interrupted"
        if self._unfinished <= self._crashed:
            return "the process that judged ended"
        if exit_status == pytest.ExitCode.INTERNAL_ERROR:
            return "the run broke off with an error"
        return "the run was stopped early"

    def _was_interrupted(self, exit_status: int) -> bool:
        return self.interrupted or exit_status == pytest.ExitCode.INTERRUPTED
