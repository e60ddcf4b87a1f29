"""The page as text: what it says, what it escapes, and how large it is. A browser opens it in test_browser.py."""

import html
import html.parser
import re
from typing import Any

import pytest

from workqueue_spec.report.html.page import page
from workqueue_spec.report.html.pictures import pictures
from workqueue_spec.specification.chapters import all_clauses
from workqueue_spec.specification.clauses import Role

from . import histories, reports

REPOSITORY = "https://example.org/project"
MOST_BYTES = 3_000_000
SOME = 15


class Elements(html.parser.HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def ids(self) -> list[str]:
        return [given["id"] or "" for _, given in self.found if "id" in given]


@pytest.fixture(scope="module")
def usual() -> Elements:
    return Elements(page(reports.usual(), REPOSITORY))


def test_each_clause_has_one_anchor(usual: Elements) -> None:
    ids = usual.ids()
    assert len(ids) == len(set(ids))
    assert {each["id"] for each in reports.usual()["clauses"]} <= set(ids)


def test_every_link_within_the_page_has_its_target(usual: Elements) -> None:
    targets = {
        str(given["href"])[1:] for tag, given in usual.found if tag == "a" and str(given["href"])[0] == "#"
    }
    assert targets <= set(usual.ids())


def test_the_verdict_and_with_what_come_first(usual: Elements) -> None:
    head = usual.text.partition("Failures")[0]
    for said in (
        "nonconformant",
        "our worker",
        "W03 and W06 do not hold",
        "python worker.py",
        "RabbitMQ 4.0.5 (local)",
        "classic",
        "1734",
        "workqueue-spec 0.1.0",
        "3.11.2",
    ):
        assert said in head, said


def test_what_is_wrong_and_what_to_change_stand_beneath_the_verdict(usual: Elements) -> None:
    head = " ".join(usual.text.partition("RabbitMQ 4.0.5")[0].split())
    assert (
        "Most probably wrong: Acknowledged before the work: 6 ms after the delivery, so W03 ack-after-work does "
        "not hold. W03 explains W06. 1 more failure does not follow from it. What was seen "
        f"What to change: {reports.REMEDY['how']} With pika: channel.basic_ack(tag)"
    ) in head


def test_without_a_likely_cause_it_is_told_what_was_expected_and_seen() -> None:
    text = page(reports.report(reports.failed("W15", "comes-back", histories.restart())), REPOSITORY)
    head = Elements(text).text.partition("Failures")[0]
    assert "W15 comes-back does not hold: expected something; seen: something else." in head
    assert "What to change" not in head


def test_the_signs_of_a_picture_are_explained_beneath_it(usual: Elements) -> None:
    shown = usual.text[usual.text.index("W03") :].partition("The exchange on the wire")[0]
    for said in (
        "Each row is a program or the queue.",
        "a task in hand, from its delivery",
        "this decided it",
    ):
        assert said in shown, said


def test_a_picture_says_where_a_clause_was_judged_of_which_no_event_decided() -> None:
    history = {**histories.restart(), "judged_at": 50.0}
    text = page(reports.report(reports.failed("W15", "comes-back", history)), REPOSITORY)
    assert ">judged here: something else</text>" in text
    assert "At 50.000 s is marked: judged here: something else." in text
    passed = reports.clause("B31", "durable-survives", histories=[history])
    assert "judged here" not in page(reports.report(passed), REPOSITORY)


def test_nothing_is_said_to_be_wrong_without_a_new_failure() -> None:
    known = reports.failed("W12", "heartbeats", histories.silence(), known_failure="it blocks")
    for clause in (known, reports.clause("P01", "persistent")):
        assert "Most probably wrong" not in page(reports.report(clause), REPOSITORY)


def test_a_failure_shows_all_that_helps(usual: Elements) -> None:
    said = usual.text[usual.text.index("Failures\n") :]
    for each in (
        "something else",
        "acknowledged before the work: 6 ms after the delivery",
        "← this decided it",
        reports.REMEDY["why"],
        reports.REMEDY["how"],
        "reference/worker.py, line 120",
        "channel.basic_ack(tag)",
        "./spec check --worker 'python worker.py' -k W03 --seed 1734",
    ):
        assert str(each) in said, each
    assert ("a", {"href": f"{REPOSITORY}/blob/main/reference/worker.py#L120"}) in usual.found


def test_the_root_comes_first_and_what_follows_from_it_is_folded_beneath() -> None:
    text = page(reports.usual(), REPOSITORY)
    root, follows = text.index('<article id="W03">'), text.index('<div id="W06">')
    assert root < follows < text.index("</article>", root)
    assert "W03 explains this failure" in text
    fold = text[: text.index('<div id="W06">')].rpartition("<summary>")[2]
    assert "Expected: something. Seen: something else." in fold


def test_the_seen_library_is_open_and_the_others_are_folded() -> None:
    text = page(reports.usual(), REPOSITORY)
    remedy = text[text.index("how to mend it") : text.index("to repeat it")]
    assert (
        remedy.index("channel.basic_ack(tag)")
        < remedy.index("<details>")
        < remedy.index("channel.ack(message)")
    )


def test_code_in_backquotes_is_shown_as_code_and_nothing_else_of_a_text_is() -> None:
    call = {
        "subject": "acknowledge",
        "library": "pika",
        "do": "put `ack()` last",
        "link": "https://pika.example",
    }
    remedy = {
        **reports.REMEDY,
        "why": "The header `x-death` is <b>gone</b>.",
        "how": "Set `mandatory`, and `<b>`; never `",
        "settings": [call],
    }
    failure = reports.failed(
        "W03", "ack-after-work", histories.early(), remedy=remedy, statement="It `acks`."
    )
    text = page(reports.report(failure), REPOSITORY)
    assert "The header <code>x-death</code> is &lt;b&gt;gone&lt;/b&gt;." in text
    assert text.count("Set `mandatory`, and `&lt;b&gt;`; never `") == 2, "they are no pairs"
    assert text.count("put <code>ack()</code> last") == 2, "above and at the failure"
    assert "It <code>acks</code>." in text


def test_the_steps_of_the_model_are_shown_line_by_line() -> None:
    steps = "def test_steps(bench):\n    run.publishes(1)\n    run.note('<b>')\n"
    failure = reports.failed("B49", "behaves-like-the-model", histories.early(), details={"steps": steps})
    assert html.escape(steps, quote=False) in page(reports.report(failure), REPOSITORY).replace("&#39;", "'")


def test_known_failures_and_what_was_not_judged_have_their_reasons() -> None:
    text = page(reports.usual(), REPOSITORY)
    known = text[text.index('<section id="known">') : text.index('<section id="not-judged">')]
    assert "blocks in its callback" in known
    assert "W13</a> comes-back holds, so remove it from the known failures" in known
    unjudged = text[text.index('<section id="not-judged">') : text.index('<section id="behaviours">')]
    assert unjudged.count("the broker was given by URL") == 1
    assert "B35" in unjudged
    assert "W14" in unjudged


def test_the_behaviours_are_shown_if_they_pass(usual: Elements) -> None:
    assert {"behaviour-B11", "behaviour-B02", "behaviour-B31"} <= set(usual.ids())
    text = page(reports.usual(), REPOSITORY)
    assert text[text.index('id="behaviour-B11"') :].partition("</article>")[0].count('<svg class="wide"') == 1


def test_a_report_without_failures_has_no_such_part() -> None:
    text = page(reports.report(reports.clause("P01", "persistent")), REPOSITORY)
    assert "conformant" in text
    assert 'id="failures"' not in text
    assert 'id="not-judged"' not in text


def test_a_clause_that_does_not_count_says_why() -> None:
    new = reports.failed("W60", "new-one", histories.early(), edition="new")
    assert "it does not count: not in edition 1.0" in page(reports.report(new, edition="1.0"), REPOSITORY)


def test_nothing_is_loaded_and_nothing_runs(usual: Elements) -> None:
    tags = {tag for tag, _ in usual.found}
    assert not tags & {"script", "iframe", "img", "link", "object", "embed", "form", "image", "use"}
    for _, given in usual.found:
        assert not [name for name in given if name.startswith("on") or name in ("src", "style", "srcset")]
    (policy,) = [given["content"] for _, given in usual.found if "http-equiv" in given]
    assert str(policy).startswith("default-src 'none'; style-src 'sha256-")


def test_what_comes_from_a_program_is_escaped_and_cut() -> None:
    text = page(reports.hostile(), REPOSITORY)
    found = Elements(text)
    assert "script" not in {tag for tag, _ in found.found}
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", text)
    assert "\\u202eevil" in found.text
    links = [str(given["href"]) for tag, given in found.found if tag == "a"]
    assert not [each for each in links if not each.startswith(("#", "https://"))]
    assert len(text) < 200_000


def test_a_report_that_lacks_the_remedies_is_shown() -> None:
    data = reports.usual()
    for clause in data["clauses"]:
        clause.pop("remedy", None)
    assert "why it matters" not in page(data, REPOSITORY)
    for clause in data["clauses"]:
        clause["remedy"] = None
    assert "why it matters" not in page(data, REPOSITORY)


def test_the_commands_that_are_there_are_shown() -> None:
    service = {"name": "shop", "service": "uvicorn shop:app", "producer": "curl shop"}
    text = Elements(page({**reports.usual(), "program": service}, REPOSITORY)).text
    assert "uvicorn shop:app" in text
    assert "curl shop" in text
    assert "python worker.py" not in text.partition("Failures")[0]


def worst() -> dict[str, Any]:
    """Some clauses fail, each with as many events as a report keeps, and with a remedy."""
    texts = dict.fromkeys(("statement", "expected", "seen", "reason"), "what was seen " * 40)
    remedy = {**reports.REMEDY, "settings": list(reports.REMEDY["settings"]) * 6}
    makes = (lambda: histories.hot_loop(199), lambda: histories.hoarder(130), lambda: histories.hoarder(48))
    return reports.report(
        *(
            reports.failed(f"W{number:02}", f"clause-{number}", makes[number % 3](), remedy=remedy, **texts)
            for number in range(SOME)
        )
    )


def test_a_program_that_breaks_all_its_clauses_in_the_worst_way_has_a_small_report() -> None:
    owed = sum(clause.role is not Role.BROKER for clause in all_clauses())
    assert len(page(worst(), REPOSITORY).encode()) * owed / SOME < MOST_BYTES


def test_the_behaviours_are_pictures_that_stand_alone() -> None:
    made = dict(pictures(reports.usual()))
    assert set(made) == {"round-robin.svg", "mismatched-properties-refused.svg", "durable-survives.svg"}
    for content in made.values():
        assert content.startswith("<svg ")
        assert "prefers-color-scheme:dark" in content
        assert "<script" not in content
        assert "http" not in content.replace("http://www.w3.org/2000/svg", "")
