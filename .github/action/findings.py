"""What the action says about a report of the suite: a summary in Markdown, annotations, and why the step fails.

Pure functions. The texts of a report come from strangers: programs' output, a broker's replies, messages. They are
cut, and neither Markdown, HTML nor the runner's workflow commands are obeyed in them.
"""

import html
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Report = Mapping[str, Any]
Clause = Mapping[str, Any]

FAIL_ON = ("must", "should", "never")
"""From which failures on the step fails, besides a run that came to no result."""
VERDICTS = ("conformant", "nonconformant", "inconclusive")
SCHEMA = 2
"""The version of the report that these functions read."""

_TEXT = 600
"""The most characters of one text from a report, as in the suite's own output."""
_EVIDENCE = 120
"""The most lines of what passed on the wire, for each clause. The last lines are kept, because they tell most."""
_HANDSHAKE = ("ProtocolHeader", "Connection.", "Channel.Open", "Heartbeat")
"""How the names of events begin that tell a reader little."""
_SUMMARY = 600_000
"""The most bytes of a summary: GitHub drops one of more than 1 MiB."""
_ANNOTATIONS = 10
"""The most annotations of one kind that GitHub shows for a step."""
_STATUSES = {
    2: "the run was interrupted, or the broker failed while the run went on",
    3: "pytest failed, or the suite's environment could not be made",
    4: "an option, a profile, a program or the broker is wrong: the last lines of the log say what to do",
    5: "nothing was judged",
}
"""What the exit statuses of the suite mean, except 0 and 1."""


def mistake_in(report: object) -> str:
    """A sentence that says why this is no report that can be read; empty if it is one."""
    if not isinstance(report, dict):
        return "The report is not an object of JSON."
    if report.get("schema") != SCHEMA:
        return f"The report has the schema {plain(str(report.get('schema')), 20)}, and this action reads {SCHEMA}."
    if report.get("verdict") not in VERDICTS:
        return "The report has no verdict."
    counts, clauses = report.get("counts"), report.get("clauses")
    if not isinstance(counts, dict) or not isinstance(clauses, list):
        return "The report has no clauses."
    return ""


def why_it_fails(status: int, report: Report | None, fail_on: str) -> str:
    """Why the step fails, as the end of a sentence; empty if it passes.

    A run that was broken off, could not begin, judged nothing, or in which the suite itself failed always fails:
    no value of `fail-on` makes a step pass that has judged nothing.
    """
    if status not in (0, 1):
        return _STATUSES.get(status, f"the suite ended with status {status}")
    if report is None:
        return f"the suite ended with status {status} and wrote no report"
    if not any(clause["outcome"] in ("passed", "failed") for clause in report["clauses"]):
        return "nothing was judged"
    for clause in report["clauses"]:
        if clause["outcome"] == "not judged" and clause["reason"].startswith("the suite itself failed"):
            return f"{clause['id']} could not be judged, because the suite itself failed"
    broken, stale = failed(report, "MUST"), _stale(report)
    if status == 1 and not broken and not stale:
        return "the suite ended with status 1, and its report names no failed clause: the suite itself failed"
    if fail_on == "never":
        return ""
    if broken:
        return f"{_named(broken)} failed"
    if stale:
        return f"{_named(stale)} passed, though the profile lists {_them(stale)} as a known failure"
    if fail_on == "should" and (weak := failed(report, "SHOULD")):
        return f"{_named(weak)} failed, and fail-on is `should`"
    return ""


def failed(report: Report, level: str) -> list[Clause]:
    """The clauses of this level that failed, without the profile's known failures; those at the root come first."""
    found = [
        clause
        for clause in report["clauses"]
        if clause["outcome"] == "failed" and clause["level"] == level and not clause["known_failure"]
    ]
    return sorted(found, key=lambda clause: bool(clause["explained_by"]))


def annotations(report: Report, fail_on: str) -> Iterator[str]:
    """The workflow commands that make GitHub show the failures: errors, and warnings for what does not count."""
    should = failed(report, "SHOULD")
    for kind, clauses in (
        ("error", [*failed(report, "MUST"), *_stale(report), *(should if fail_on == "should" else [])]),
        ("warning", should if fail_on != "should" else []),
    ):
        shown = clauses if len(clauses) <= _ANNOTATIONS else clauses[: _ANNOTATIONS - 1]
        for clause in shown:
            yield workflow_command(kind, f"{clause['id']} {clause['slug']}", _in_lines(clause))
        if rest := clauses[len(shown) :]:
            yield workflow_command(kind, f"{len(rest)} others", f"The summary has them: {_named(rest)}.")


def workflow_command(kind: str, title: str, text: str) -> str:
    """A line that the runner obeys. Line breaks in the text are kept, and nothing in it ends the command."""
    title = _escaped(plain(title)).replace(":", "%3A").replace(",", "%2C")
    lines = [_escaped(plain(line)) for line in text.split("\n")]
    return f"::{kind} title={title}::{'%0A'.join(lines)}"


def summary(report: Report | None, problem: str) -> str:
    """The summary of a run in Markdown. `problem` says why the step fails; it is empty if it passes."""
    if report is None:
        return f"## workqueue-spec: no verdict\n\n{_capital(_markdown(problem))}.\n"
    counts = report["counts"]
    head = [
        f"## workqueue-spec: {report['verdict']}",
        f"{_capital(_markdown(report['verdict_reason']))}.",
        f"{_code(report['subject'])} on {_markdown(report['broker'])}, {_markdown(report['queue_type'])} queues, "
        f"seed {_markdown(str(report['seed']))}, {report['seconds']:.0f} s.",
        "| passed | failed | not judged |\n|---:|---:|---:|\n"
        f"| {counts['passed']} | {counts['failed']} | {counts['not judged']} |",
    ]
    if problem:
        head.append(f"**This step fails: {_markdown(problem)}.**")
    return _within(_SUMMARY, head, list(_sections(report)))


def plain(text: str, length: int = _TEXT) -> str:
    """A text from outside, cut to this number of characters, with each invisible character as an escape."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: length + 1])
    return shown if len(shown) <= length else f"{shown[: length - 3]}..."


def _sections(report: Report) -> Iterator[str]:
    """The parts of a summary after its head, the most important first."""
    unknown = [*failed(report, "MUST"), *failed(report, "SHOULD")]
    if unknown:
        yield "### Failed"
    for clause in unknown:
        yield _failure(clause)
    for title, clauses, reason in (
        ("Known failures that hold: remove them from the profile", _stale(report), "known_failure"),
        ("Known failures", _known(report), "known_failure"),
        ("Not judged", _not_judged(report), "reason"),
    ):
        if clauses:
            rows = "\n".join(
                f"| {_markdown(clause['id'])} {_markdown(clause['slug'])} | {_markdown(clause[reason])} |"
                for clause in clauses
            )
            yield f"### {title}\n\n| clause | reason |\n|---|---|\n{rows}"


def _failure(clause: Clause) -> str:
    expected, seen = _expected_and_seen(clause)
    lines = [
        f"#### {_markdown(clause['id'])} {_markdown(clause['slug'])}: {_markdown(clause['level'])}, "
        f"{_markdown(clause['class'])}, {_markdown(clause['subject'])}",
        _markdown(clause["statement"]),
        f"- expected: {_code(expected)}\n- seen: {_code(seen)}" if expected else f"- seen: {_code(seen)}",
    ]
    if clause["likely_cause"]:
        lines.append(f"Likely cause: {_markdown(clause['likely_cause'])}.")
    if clause["explained_by"]:
        lines.append(f"Explained by {_markdown(clause['explained_by'])}.")
    if clause["seen_in"]:
        lines.append(f"Seen in the test of {_markdown(clause['seen_in'])}.")
    if evidence := list(_exchange(clause))[-_EVIDENCE:]:
        # The entities keep the lines: a blank line within <pre> is none, since no line of the evidence is empty.
        text = "\n".join(html.escape(plain(line, 300)) or " " for line in evidence)
        lines.append(
            f"<details><summary>What passed on the wire</summary>\n\n<pre>{text}</pre>\n\n</details>"
        )
    return "\n\n".join(lines)


def _exchange(clause: Clause) -> Iterator[str]:
    """The events of the clause's histories, party by party, a line each; the deciding event is marked with `>`."""
    for history in clause["histories"]:
        if len(clause["histories"]) > 1:
            yield f"--- {history['name']}{', judged here' if history['judged'] else ''} ---"
        events = [each for each in history["events"] if not each["name"].startswith(_HANDSHAKE)]
        for party in dict.fromkeys(each["party"] for each in events):
            yield party
            for event in events:
                if event["party"] == party:
                    mark = ">" if event["number"] == history["decided_by"] else " "
                    yield f"{mark} {event['at']:+8.3f} {_event(event)}"
        if history["left_out"]:
            yield f"({history['left_out']} events are left out)"


def _event(event: Mapping[str, Any]) -> str:
    if "sender" not in event:
        return f"   {event['name']:<12} {event.get('text', '')}"
    arrow = "->" if event["sender"] == "client" else "<-"
    fields = [f"{name}={value}" for name, value in event.get("fields", {}).items() if value]
    body = [repr(event["body"])] if "body" in event else []
    return " ".join([arrow, event["name"].lower(), *fields, *body])


def _in_lines(clause: Clause) -> str:
    """A failure as text of a few lines."""
    if clause["outcome"] == "passed":
        return f"It holds, so remove it from the profile's known failures: {plain(clause['known_failure'])}"
    expected, seen = _expected_and_seen(clause)
    lines = [
        clause["statement"],
        *([f"expected: {plain(expected)}"] if expected else []),
        f"seen: {plain(seen)}",
    ]
    return "\n".join(lines)


def _expected_and_seen(clause: Clause) -> tuple[str, str]:
    """What was expected (empty if no verdict says it), and what was seen."""
    if clause["expected"]:
        return clause["expected"], clause["seen"]
    return "", clause["reason"]


def _stale(report: Report) -> list[Clause]:
    return [
        clause for clause in report["clauses"] if clause["known_failure"] and clause["outcome"] == "passed"
    ]


def _known(report: Report) -> list[Clause]:
    return [
        clause for clause in report["clauses"] if clause["known_failure"] and clause["outcome"] == "failed"
    ]


def _not_judged(report: Report) -> list[Clause]:
    return [clause for clause in report["clauses"] if clause["outcome"] == "not judged"]


def _named(clauses: Sequence[Clause]) -> str:
    """The ids in a list; the rest is counted."""
    ids = [plain(clause["id"], 10) for clause in clauses]
    return ", ".join(ids) if len(ids) <= 8 else f"{', '.join(ids[:7])} and {len(ids) - 7} others"


def _them(clauses: Sequence[Clause]) -> str:
    return "it" if len(clauses) == 1 else "each"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _escaped(text: str) -> str:
    """A text without line breaks, which the runner decodes to the same text."""
    return text.replace("%", "%25")


def _markdown(text: str) -> str:
    """A text within a line of Markdown: whatever is neither a letter, a digit nor a space is an entity."""
    return "".join(c if c.isalnum() or c in " ,'" or ord(c) > 127 else f"&#{ord(c)};" for c in plain(text))


def _code(text: str) -> str:
    return f"<code>{_markdown(text)}</code>"


def _within(most: int, head: Sequence[str], sections: Sequence[str]) -> str:
    """The parts in their order, as long as they fit into this number of bytes."""
    text = "\n\n".join(head)
    for number, section in enumerate(sections):
        if len(f"{text}{section}".encode()) > most:
            return f"{text}\n\n{len(sections) - number} more sections: the report in the artifact has them all.\n"
        text = f"{text}\n\n{section}"
    return f"{text}\n"
