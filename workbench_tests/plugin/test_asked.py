"""Which clauses a run asks for, by its class and its edition."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from workqueue_spec.plugin import asked
from workqueue_spec.plugin.stash import SUBJECT
from workqueue_spec.programs.subject import PROGRAMS, reference
from workqueue_spec.specification import edition
from workqueue_spec.specification.chapters import chapters, clause_by_id
from workqueue_spec.specification.clauses import Class, Level, Role
from workqueue_spec.specification.edition import Change


@pytest.fixture(autouse=True)
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Edition 0.9: W01 as today, W03 in other words, W12 as a SHOULD of core, and W00, which is gone."""
    monkeypatch.setattr(edition, "FOLDER", tmp_path)
    edition.read.cache_clear()
    clauses = [
        clause_by_id("W01"),
        replace(clause_by_id("W03"), statement="Another promise."),
        replace(clause_by_id("W12"), class_=Class.CORE, level=Level.SHOULD),
        replace(clause_by_id("W01"), id="W00"),
    ]
    edition.write("0.9", clauses, draft=False)
    yield
    edition.read.cache_clear()


def config(
    spec: str | None,
    class_: Class = Class.PRODUCTION,
    roles: tuple[Role, ...] = PROGRAMS,
    broker: str = "local",
) -> Any:
    given = SimpleNamespace(edition=spec, clause_class=class_, broker=broker, part_of=None, model_examples=0)
    return SimpleNamespace(option=given, stash={SUBJECT: replace(reference("classic"), roles=roles)})


def test_without_an_edition_all_clauses_count() -> None:
    today = [
        clause
        for chapter in chapters()
        for clause in chapter.clauses
        if not clause.for_services and not clause.for_clusters and not clause.asked_by
    ]
    assert asked.whole(config(None)) == [clause.id for clause in today]
    core = [clause.id for clause in today if clause.class_ is Class.CORE]
    assert asked.whole(config(None, Class.CORE)) == core
    assert asked.lapsed(config(None)) == []


def test_on_a_cluster_the_clauses_for_clusters_count_too() -> None:
    on_cluster = set(asked.whole(config(None, broker="cluster:rabbitmq:4.0")))
    assert on_cluster - set(asked.whole(config(None))) == {"S03"}
    joined = config(None)
    joined.option.part_of = {"broker": {"kind": "cluster"}}
    assert set(asked.whole(joined)) == on_cluster


@pytest.mark.parametrize(("id_", "change"), [("W01", None), ("W03", Change.REWORDED), ("W13", Change.NEW)])
def test_with_an_edition_its_clauses_count(id_: str, change: Change | None) -> None:
    assert asked.change_of(clause_by_id(id_), config("0.9")) is change


def test_what_the_edition_holds_is_the_whole() -> None:
    assert asked.whole(config("0.9")) == ["W01", "W12"]
    assert asked.lapsed(config("0.9")) == ["W03", "W00"]


def test_a_producer_alone_is_asked_for_nothing_of_a_worker() -> None:
    alone = config("0.9", roles=(Role.PRODUCER,))
    assert asked.whole(alone) == []
    assert asked.lapsed(alone) == []


def test_a_clause_is_of_the_class_and_level_that_the_edition_gives_it() -> None:
    clause = clause_by_id("W12")
    assert (clause.class_, clause.level) == (Class.PRODUCTION, Level.MUST)
    assert not asked.is_asked_for(clause, config(None, Class.CORE))
    assert asked.is_asked_for(clause, config("0.9", Class.CORE))
    assert asked.as_asked(clause, config("0.9")).level is Level.SHOULD
