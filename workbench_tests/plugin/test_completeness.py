"""What a run says that did not come to its end."""

from typing import Any

import pytest

from workqueue_spec.plugin.completeness import Completeness

OK, INTERRUPTED, FAILED = pytest.ExitCode.OK, pytest.ExitCode.INTERRUPTED, pytest.ExitCode.TESTS_FAILED


def report(test: str, when: str) -> pytest.TestReport:
    phase: Any = when
    return pytest.TestReport(test, ("", None, ""), {}, "passed", None, phase)


def three_tests(*ended: str) -> Completeness:
    """Three tests were collected, and these came to their end."""
    completeness = Completeness()
    for _ in range(2):  # by two processes
        completeness.collected(["one", "two", "three"])
    for each in ended:
        completeness.began(each)
        for when in ("setup", "call", "teardown"):
            completeness.reported(report(each, when))
    return completeness


def test_a_whole_run_has_no_gap() -> None:
    assert three_tests("one", "two", "three").gaps(OK) == []


def test_what_was_interrupted_is_counted() -> None:
    assert three_tests("one").gaps(INTERRUPTED) == [
        "2 tests did not come to their end: the run was interrupted"
    ]


def test_a_signal_counts_even_if_pytest_has_not_noticed_it() -> None:
    some, whole = three_tests("one", "two"), three_tests("one", "two", "three")
    some.interrupted = whole.interrupted = True
    assert some.gaps(OK) == ["1 test did not come to its end: the run was interrupted"]
    assert whole.gaps(OK) == ["the run was interrupted"]


def test_a_test_without_its_teardown_has_not_ended() -> None:
    some = three_tests("one", "two")
    some.began("three")
    some.reported(report("three", "call"))
    assert some.gaps(OK) == ["1 test did not come to its end: the run was stopped early"]
    assert list(some.running) == ["three"]


def test_a_test_whose_process_ended_has_not_ended() -> None:
    some = three_tests("one", "two")
    some.began("three")
    some.reported(report("three", "???"))
    assert some.gaps(FAILED) == ["1 test did not come to its end: the process that judged ended"]
    assert not some.running


def test_what_broke_the_run_off_comes_first() -> None:
    some = three_tests("one")
    some.broke_off("the broker failed: it is gone")
    some.broke_off("the broker failed: it does not answer any more")
    some.asked_in_part(["B02"])
    assert some.gaps(INTERRUPTED) == [
        "the broker failed: it is gone",
        "2 tests did not come to their end: the run was interrupted",
        "B02 was asked for in part",
    ]


def test_a_test_that_is_run_again_after_its_process_ended_has_not_ended() -> None:
    some = three_tests("one", "two")
    some.began("three")
    some.reported(report("three", "???"))
    for when in ("setup", "call", "teardown"):
        some.reported(report("three", when))
    assert some.gaps(FAILED) == ["1 test did not come to its end: the process that judged ended"]
