"""What the action says about a report: why a step fails, annotations, and the summary."""

import re
from typing import Any

import findings
import pytest

from .conftest import clause, history, report_of
from .runner import obeyed

MUST = clause("failed", "expected this; seen: that", expected="this", seen="that")
SHOULD = {**MUST, "id": "W26", "level": "SHOULD"}
KNOWN = {**MUST, "id": "W12", "known_failure": "blocks in its callback"}
STALE = clause("passed", id="W13", known_failure="ends when its connection is lost")
PASSED = clause("passed", id="W01")
OF_THE_SUITE = clause("not judged", "the suite itself failed: OSError", id="W02")
NOT_JUDGED = clause("not judged", "a broker given by URL is not restarted", id="B31")

HOSTILE = (
    "</code></pre><script>alert(1)</script><img src=x onerror=alert(1)>",
    "`` ` `` | a | b |\n\n# heading\n- [x](https://example.org) ![](x) **b** _i_ ~~s~~ @someone #1",
    "%0A::error::injected%0D\r\n::error title=a:b,c::injected",
    "\x1b[31mred\x07\u202eevil\x00",
    "https://example.org www.example.org &amp; &#60; \\<",
)
"""Texts that do harm in Markdown, HTML, a log or a terminal."""


@pytest.mark.parametrize(
    ("status", "clauses", "must", "should", "never"),
    [
        (0, [PASSED], "", "", ""),
        (0, [PASSED, NOT_JUDGED], "", "", ""),
        (0, [PASSED, KNOWN], "", "", ""),
        (0, [PASSED, SHOULD], "", "W26 failed, and fail-on is `should`", ""),
        (1, [PASSED, MUST, SHOULD], "W06 failed", "W06 failed", ""),
        (
            1,
            [PASSED, STALE],
            "W13 passed, though the profile lists it as a known failure",
            "W13 passed, though the profile lists it as a known failure",
            "",
        ),
    ],
)
def test_from_which_failures_on_a_step_fails(
    status: int, clauses: list[Any], must: str, should: str, never: str
) -> None:
    report = report_of(*clauses)
    assert [findings.why_it_fails(status, report, each) for each in findings.FAIL_ON] == [must, should, never]


@pytest.mark.parametrize("fail_on", findings.FAIL_ON)
@pytest.mark.parametrize(
    ("status", "clauses", "because"),
    [
        (0, [], "nothing was judged"),
        (0, [NOT_JUDGED], "nothing was judged"),
        (5, [NOT_JUDGED], "nothing was judged"),
        (1, [PASSED], "the suite ended with status 1, and its report names no failed clause"),
        (1, [PASSED, KNOWN], "the suite ended with status 1, and its report names no failed clause"),
        (1, [MUST, OF_THE_SUITE], "W02 could not be judged, because the suite itself failed"),
        (2, [PASSED], "the run was interrupted"),
        (2, [MUST], "the run was interrupted"),
        (4, [PASSED], "an option, a profile"),
        (139, [PASSED], "the suite ended with status 139"),
    ],
)
def test_a_run_without_a_result_fails_whatever_may_fail(
    status: int, clauses: list[Any], because: str, fail_on: str
) -> None:
    assert findings.why_it_fails(status, report_of(*clauses), fail_on).startswith(because)


def test_a_should_is_a_warning_unless_it_makes_the_step_fail() -> None:
    report = report_of(MUST, SHOULD, KNOWN, STALE, PASSED)
    kinds = {
        fail_on: [(each.kind, each.title[:3]) for each in obeyed("\n".join(lines))]
        for fail_on in findings.FAIL_ON
        if (lines := list(findings.annotations(report, fail_on)))
    }
    usual = [("error", "W06"), ("error", "W13"), ("warning", "W26")]
    assert kinds == {
        "must": usual,
        "never": usual,
        "should": [("error", "W06"), ("error", "W13"), ("error", "W26")],
    }


def test_github_shows_ten_annotations_so_the_last_one_counts_the_rest() -> None:
    report = report_of(*({**MUST, "id": f"W{number:02}"} for number in range(30)))
    shown = obeyed("\n".join(findings.annotations(report, "must")))
    assert len(shown) == 10
    assert (shown[-1].title, shown[-1].text) == (
        "21 others",
        "The summary has them: W09, W10, W11, W12, W13, W14, W15 and 14 others.",
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_one_annotation(text: str) -> None:
    report = report_of({**MUST, "expected": text, "seen": text, "slug": text})
    (line,) = findings.annotations(report, "must")
    (annotation,) = obeyed(line)
    assert annotation.kind == "error"
    assert line.isprintable()
    title = line.partition("::")[2].partition("::")[0].removeprefix("error title=")
    assert not set(title) & {":", ","}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_shown_and_not_obeyed_in_the_summary(text: str) -> None:
    hostile = {**MUST, "slug": text, "statement": text, "seen_in": text, "likely_cause": text}
    hostile["histories"] = [history(party=text, name=text, fields={text: text}, body=text)]
    report = report_of(
        {**hostile, "expected": text, "seen": text},
        {**KNOWN, "known_failure": text},
        {**NOT_JUDGED, "reason": text},
        subject=text,
        broker=text,
        verdict_reason=text,
    )
    shown = findings.summary(report, text)
    assert set(re.findall(r"<(/?\w+)[^>]*>", shown)) == {
        *("code", "/code", "details", "/details", "summary", "/summary", "pre", "/pre")
    }
    assert [line for line in shown.splitlines() if not line.isprintable()] == []
    outside = re.sub(r"<pre>.*?</pre>", "", shown, flags=re.DOTALL)
    assert "example.org" not in outside
    assert not {"[", "`", "@", "~", "\\"} & set(outside)
    assert [line.count("|") for line in outside.splitlines() if "|" in line] == [4, 4, 4, 3, 3, 3, 3, 3, 3]
    (pre,) = re.findall(r"<pre>(.*?)</pre>", shown, flags=re.DOTALL)
    assert "\n\n" not in pre


def test_the_summary_tells_what_was_expected_and_seen() -> None:
    shown = findings.summary(report_of(MUST, NOT_JUDGED, STALE), "W06 failed")
    assert "- expected: <code>this</code>\n- seen: <code>that</code>" in shown
    assert "**This step fails: W06 failed.**" in shown
    assert "&gt;   +1.076 -&gt; basic.ack delivery_tag=1" in shown
    assert "### Not judged" in shown
    assert "### Known failures that hold: remove them from the profile" in shown


def test_a_failure_at_the_root_comes_first() -> None:
    follows = {**MUST, "explained_by": "W03"}
    root = {**MUST, "id": "W03", "slug": "ack-after-work", "likely_cause": "acknowledged 4 ms after"}
    shown = findings.summary(report_of(follows, root), "W03, W06 failed")
    assert shown.index("#### W03") < shown.index("#### W06")
    assert "Likely cause: acknowledged 4 ms after." in shown
    assert "Explained by W03." in shown
    assert findings.why_it_fails(1, report_of(follows, root), "must") == "W03, W06 failed"


def test_a_reason_of_another_form_is_shown_as_it_is() -> None:
    assert "- seen: <code>it hangs</code>" in findings.summary(
        report_of({**MUST, "reason": "it hangs", "expected": "", "seen": ""}), "W06 failed"
    )


def test_a_summary_is_cut_to_what_github_takes() -> None:
    long = {**MUST, "histories": [history(fields={"x": "x" * 300})] * 200}
    shown = findings.summary(report_of(*([long] * 100)), "W06 failed")
    assert len(shown.encode()) < 2**20
    assert re.search(r"\n\d+ more sections: the report in the artifact has them all\.\n$", shown)
