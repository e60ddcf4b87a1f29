"""The pages of the site as text. A browser opens them in test_browser.py."""

import posixpath

import pytest

from workbench_tests.report.html.test_page import Elements
from workqueue_spec.specification.chapters import all_clauses

from . import judged

Site = dict[str, str]


@pytest.fixture(scope="module")
def usual() -> Site:
    return dict(judged.made(judged.usual()))


@pytest.fixture(scope="module")
def hostile() -> Site:
    return dict(judged.made(judged.of_hostile_texts()))


def test_there_is_a_page_for_each_clause_program_and_run(usual: Site) -> None:
    assert {f"clauses/{each.id}.html" for each in all_clauses()} < usual.keys()
    assert {
        "index.html",
        "programs/fine.html",
        "programs/our-worker.html",
        "runs/our-worker/rabbitmq-3.10-quorum.html",
        "badge/our-worker.svg",
        "badge/our-worker.json",
        "badge/our-worker/rabbitmq-4.0.svg",
        "badge/our-worker/rabbitmq-4.0.json",
    } < usual.keys()


@pytest.mark.parametrize("name", ["usual", "hostile"])
def test_every_link_has_its_target(name: str, request: pytest.FixtureRequest) -> None:
    files: Site = request.getfixturevalue(name)
    pages = {each: Elements(text) for each, text in files.items() if each.endswith(".html")}
    ids = {each: set(found.ids()) for each, found in pages.items()}
    lost = set()
    for each, found in pages.items():
        links = [str(given["href"]) for tag, given in found.found if tag == "a"]
        for link in links:
            path, _, anchor = link.partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(each), path)) if path else each
            if not link.startswith("https://") and (
                target not in files or (anchor and anchor not in ids[target])
            ):
                lost.add((each, link))
    assert lost == set()


def test_the_matrix_leads_to_what_was_seen(usual: Site) -> None:
    found = Elements(usual["index.html"])
    links = [given for tag, given in found.found if tag == "a"]
    assert {"href": "runs/our-worker/rabbitmq-3.10-quorum.html#W03", "aria-label": "W03 broken"} in links
    assert {"href": "runs/our-worker/rabbitmq-4.0-classic.html#B35", "aria-label": "B35 not judged"} in links
    assert sum(str(each["href"]).endswith("#W03") for each in links) == 3


def test_the_matrix_can_be_read_without_its_script(usual: Site) -> None:
    text = usual["index.html"]
    assert '<form class="filters" hidden>' in text
    row = text[text.index('href="clauses/W03.html"') : text.index('href="clauses/W04.html"')]
    assert row.count("✗") == 3
    assert row.count("✓") == 1
    assert text.count('<tr data-role="worker"') == sum(each.role == "worker" for each in all_clauses())


def test_a_page_of_a_clause_has_all_of_the_specification(usual: Site) -> None:
    text = Elements(usual["clauses/W06.html"]).text
    clause = next(each for each in all_clauses() if each.id == "W06")
    for said in (
        clause.statement.replace("`", ""),
        clause.procedure.replace("`", ""),
        clause.source,
        "B18",
        "Workers are killed in every deployment",
        "Acknowledge only when the work is done",
        "channel.basic_ack(method.delivery_tag)",
        "spec_tests/test_worker.py",
    ):
        assert said in text, said


def test_a_page_of_a_clause_says_who_breaks_it_and_who_keeps_it(usual: Site) -> None:
    text = usual["clauses/W03.html"]
    assert text.count('<a href="../programs/our-worker.html">') == 1
    assert "expected something; seen: something else" in text
    assert '<a href="../runs/our-worker/rabbitmq-3.10-classic.html#W03">' in text
    assert "1 program keeps it in every run" in text
    assert "blocks in its callback" in usual["clauses/W12.html"]
    assert "No program was seen to break it." in usual["clauses/B11.html"]


def test_a_mutant_is_told_where_it_is_about_the_clause(usual: Site) -> None:
    says = "A worker that acks <code>early</code>."
    assert says in usual["clauses/W03.html"]
    assert "more breaks it" not in usual["clauses/W03.html"]
    assert "1 more breaks it along with another clause" in usual["clauses/W06.html"]
    assert "Mutants" not in usual["clauses/W04.html"]


def test_a_page_of_a_program_has_verdicts_and_reasons(usual: Site) -> None:
    text = Elements(usual["programs/our-worker.html"]).text
    for said in (
        judged.OLD,
        judged.NEW,
        "nonconformant",
        "quorum",
        "W12 heartbeats",
        "blocks in its callback",
    ):
        assert said in text, said
    assert text.index("W12 heartbeats") < text.index("the broker was given by URL") < text.index("B35")
    fine = Elements(usual["programs/fine.html"]).text
    assert "pika 1.4.4" in fine
    assert "It keeps every clause." in fine


def test_a_page_of_a_run_leads_back(usual: Site) -> None:
    text = usual["runs/our-worker/rabbitmq-4.0-classic.html"]
    assert '<a href="../../index.html">All programs</a>' in text
    assert '<a href="../../clauses/W03.html">more about W03</a>' in text


def test_what_strangers_wrote_is_only_text(hostile: Site) -> None:
    for name, text in hostile.items():
        if name.endswith(".json"):
            continue
        elements = Elements(text)
        tags = {tag for tag, _ in elements.found}
        assert "\x1b" not in text, name
        assert "\u202e" not in text, name
        assert "<script>alert" not in text, name
        assert ("script" in tags) is (name == "index.html"), name
        assert not tags & {"img", "link", "iframe", "object", "base"}, name
        assert not any(key.startswith("on") for _, given in elements.found for key in given), name
    assert "T01" in hostile["index.html"]
    assert "clauses/T01.html" in hostile
