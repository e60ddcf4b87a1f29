"""The kill matrix: what mutants say in their docstrings, and the results of judging them."""

import json
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from workqueue_spec import ROOT
from workqueue_spec.commands.kill_matrix import mutant as reading
from workqueue_spec.commands.kill_matrix.__main__ import differing, main, select
from workqueue_spec.commands.kill_matrix.mutant import BY_CHANCE, Mutant, mutants
from workqueue_spec.commands.kill_matrix.results import (
    Result,
    clauses_without_mutant,
    matrix,
    rerun_command,
    roots,
)
from workqueue_spec.commands.kill_matrix.runner import clauses_for
from workqueue_spec.programs.profile import Profile
from workqueue_spec.specification.chapters import chapters
from workqueue_spec.specification.clauses import Level, Role

CLAUSES = [clause for chapter in chapters() for clause in chapter.clauses]


def judged(*killed_by: str, expected: tuple[str, ...] = ("W01",), equivalent: bool = False) -> Result:
    file = reading.HOME / "workers" / "lies.py"
    made = Mutant("lies", Role.WORKER, "It lies.", expected, ("S02",), file, equivalent)
    return Result(made, killed_by, not_judged=(), seconds=1.0)


@pytest.mark.parametrize("queue_type", ["classic", "quorum"])
def test_each_mutant_breaks_clauses_that_it_can_be_judged_by(queue_type: str) -> None:
    for each in mutants(queue_type):
        known = {clause.id for clause in each.clauses()}
        assert set(each.expected) <= known, each.file
        assert each.says.endswith("."), each.file


def test_each_mutant_breaks_something() -> None:
    broken = {each.file for type_ in ("classic", "quorum") for each in mutants(type_) if each.expected}
    assert [each.file for each in mutants("classic") if not each.equivalent and each.file not in broken] == []


def test_nothing_is_a_matter_of_chance_but_chaos() -> None:
    assert {id_ for each in mutants("classic") for id_ in each.by_chance} <= {"S02"}


def test_the_command_that_shows_why_names_the_clauses_if_there_are_any() -> None:
    assert rerun_command(judged("W02"), "quorum").endswith("--queue-type quorum -k 'W01 or W02'")
    assert rerun_command(judged(expected=()), "quorum").endswith("--queue-type quorum")


def test_how_often_the_root_is_shown_first() -> None:
    right = replace(judged("W01", "W02", expected=("W01", "W02")), first="W01")
    wrong = replace(judged("W01", "W02", expected=("W01", "W02")), first="W02")
    missed = judged("W02", expected=("W01", "W02"))
    equivalent = judged("W01", equivalent=True)

    assert (roots([right, right, right, wrong, missed, equivalent]).share, roots([]).share) == (0.75, 1.0)
    assert list(roots([right, wrong]).lines()) == [
        "the first failure shown is the root for 1 of 2 mutants of programs (50 %)",
        "  lies: W02 is shown first, and W01 is the root",
    ]
    assert list(roots([]).lines()) == []


def test_no_two_have_one_name() -> None:
    assert [
        name for name, count in Counter(each.name for each in mutants("classic")).items() if count > 1
    ] == []


def test_there_are_enough_of_each_kind() -> None:
    kinds = Counter("equivalent" if each.equivalent else str(each.role) for each in mutants("classic"))
    assert kinds["worker"] + kinds["producer"] + kinds["broker"] >= 60
    assert kinds["broker"] >= 20
    assert kinds["equivalent"] >= 8


@pytest.mark.parametrize("queue_type", ["classic", "quorum"])
def test_each_promise_that_must_be_kept_is_broken_by_some_mutant(queue_type: str) -> None:
    broken = {id_ for each in mutants(queue_type, on_cluster=True) for id_ in each.expected}
    assert [each.id for each in CLAUSES if each.level is Level.MUST and each.id not in broken] == []


def test_clauses_for_clusters_are_asked_on_a_cluster_and_of_the_mutants_that_break_them() -> None:
    def asked(name: str, *, on_cluster: bool) -> set[str]:
        (found,) = (each for each in mutants("quorum", on_cluster=on_cluster) if each.name == name)
        assert set(found.expected) <= {clause.id for clause in found.clauses()}
        return {clause.id for clause in found.clauses()} & {"S02", "S03"}

    assert asked("acks_before_the_work", on_cluster=True) == {"S02", "S03"}
    assert asked("acks_before_the_work", on_cluster=False) == {"S02"}
    assert asked("dies_of_headers", on_cluster=True) == {"S02"}


def test_an_equivalent_breaks_no_promise_that_must_be_kept() -> None:
    levels = {clause.id: clause.level for clause in CLAUSES}
    for each in mutants("classic"):
        if each.equivalent:
            assert Level.MUST not in {levels[id_] for id_ in each.expected}, each.file


def test_what_a_mutant_breaks_may_depend_on_the_queue_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "workers").mkdir()
    text = '"""A worker that lies.\n\nBreaks W01, W02 (quorum), W11\n(classic).\nMay break S02, by chance.\n"""\n'
    (tmp_path / "workers" / "lies.py").write_text(text)
    monkeypatch.setattr(reading, "HOME", tmp_path)

    (classic,), (quorum,) = mutants("classic"), mutants("quorum")

    assert (classic.says, classic.expected, quorum.expected) == (
        "A worker that lies.",
        ("W01", "W11"),
        ("W01", "W02"),
    )
    assert classic.by_chance == ("S02",)


def test_a_worker_says_how_many_tasks_it_may_hold_and_work_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mutants" / "workers").mkdir(parents=True)
    text = '"""A worker that lies.\n\nRuns with prefetch 8, concurrency 4.\n\nBreaks W01.\n"""\n'
    (tmp_path / "mutants" / "workers" / "lies.py").write_text(text)
    (tmp_path / "mutants" / "workers" / "usual.py").write_text('"""A worker.\n\nBreaks W01.\n"""\n')
    monkeypatch.setattr(reading, "HOME", tmp_path / "mutants")
    monkeypatch.setattr(reading, "ROOT", tmp_path)

    several, usual = mutants("classic")

    assert several.options[4:] == ["--prefetch", "8", "--concurrency", "4"]
    assert usual.options[4:] == []
    assert several.says == "A worker that lies."


def test_a_worker_runs_beside_the_reference_or_in_the_place_of_a_profiles_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mutants" / "workers").mkdir(parents=True)
    text = '"""A worker that lies.\n\nRuns with the profile json.\n\nBreaks W01.\n"""\n'
    (tmp_path / "mutants" / "workers" / "lies.py").write_text(text)
    (tmp_path / "mutants" / "workers" / "usual.py").write_text('"""A worker.\n\nBreaks W01.\n"""\n')
    monkeypatch.setattr(reading, "HOME", tmp_path / "mutants")
    monkeypatch.setattr(reading, "ROOT", tmp_path)

    with_profile, usual = mutants("classic")

    assert with_profile.options[2:] == [
        "--implementation",
        str(tmp_path / "mutants" / "profiles" / "json.toml"),
    ]
    assert usual.options[2:] == ["--producer", f"{sys.executable} -m reference.new_task"]


@pytest.mark.parametrize(
    "file", sorted((ROOT / "mutants" / "profiles").glob("*.toml")), ids=lambda file: file.stem
)
def test_the_profiles_of_the_mutants_are_in_order(file: Path) -> None:
    assert Profile(file).mistakes == []


def test_one_that_does_not_say_what_it_breaks_is_a_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "workers").mkdir()
    (tmp_path / "workers" / "lies.py").write_text('"""A worker that lies."""\n')
    monkeypatch.setattr(reading, "HOME", tmp_path)
    with pytest.raises(ValueError, match=r"lies\.py does not say what it breaks"):
        list(mutants("classic"))


def test_a_mutant_is_exact_where_just_those_clauses_fail_that_it_breaks() -> None:
    assert judged("W01").is_exact
    assert judged().missed == ("W01",)
    assert judged("W01", "W02").unexpected == ("W02",)
    assert not judged("W02").is_exact
    assert judged("W01", "S02").is_exact


def test_a_clause_counts_as_seen_to_fail_by_mutants_alone() -> None:
    unseen = clauses_without_mutant(CLAUSES, [judged("W01"), judged("W28", equivalent=True)])
    assert "W01" not in {clause.id for clause in unseen}
    assert "W28" in {clause.id for clause in unseen}


def test_the_matrix_as_data() -> None:
    data = matrix(CLAUSES, [judged("W01"), judged(expected=(), equivalent=True)], {"queue_type": "classic"})
    assert (
        data["mutants"][0] | {"name": "lies", "killed_by": ["W01"], "expected": ["W01"]} == data["mutants"][0]
    )
    assert len(data["equivalents"]) == 1
    assert "W02" in data["clauses_without_mutant"]


def test_a_mutant_that_is_not_there_is_said_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nobody"]) == 4
    assert "There is no mutant 'nobody'" in capsys.readouterr().err


def test_a_clause_that_is_not_there_is_said_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--clauses", "W01", "W99"]) == 4
    assert "There is no clause 'W99'" in capsys.readouterr().err


def test_a_mutant_may_be_judged_by_some_clauses_alone() -> None:
    acks_early = next(each for each in mutants("quorum") if each.name == "acks_the_third_task_early")
    asked = acks_early.judged_by(["W03", "W06", "P01"])
    assert [clause.id for clause in asked.clauses()] == ["W03", "W06"]


def test_what_a_clause_presumes_is_asked_too_or_the_blame_would_be_wrong() -> None:
    forgets = next(each for each in mutants("quorum") if each.name == "forgets_what_it_has_delivered")
    assert [clause.id for clause in forgets.judged_by(["B26"]).clauses()] == ["B18", "B19", "B26"]


def test_what_it_was_not_judged_by_is_not_missed_and_may_be_seen_all_the_same() -> None:
    made = Mutant("lies", Role.WORKER, "It lies.", ("W01", "W02"), (), Path("lies.py"), equivalent=False)
    asked = made.judged_by(["W02", "W37"])
    assert Result(asked, ("W02",), (), 1.0).is_exact
    assert Result(asked, ("W01", "W02"), (), 1.0).is_exact
    assert Result(asked, ("W01",), (), 1.0).missed == ("W02",)
    assert Result(asked, ("W02", "W37"), (), 1.0).unexpected == ("W37",)


def test_a_folder_names_those_in_it() -> None:
    all_mutants = list(mutants("classic"))
    chosen = select(all_mutants, ["equivalents", "ignores_the_nack"])
    assert {each.name for each in chosen if not each.equivalent} == {"ignores_the_nack"}
    assert [each for each in chosen if each.equivalent] == [each for each in all_mutants if each.equivalent]


def test_what_may_break_by_chance_is_drawn_for_equivalents_only() -> None:
    drawn_for = {
        equivalent: {
            id_
            for each in mutants("classic")
            if each.equivalent is equivalent
            for id_ in set(clauses_for(each, 1000, seed=1)) - set(each.expected)
        }
        for equivalent in (True, False)
    }
    assert not drawn_for[False] & BY_CHANCE
    assert drawn_for[True] >= BY_CHANCE


def test_only_those_that_break_other_clauses_with_the_other_queue_type() -> None:
    chosen = {each.name for each in differing(list(mutants("quorum")))}
    assert {"leaves_the_queue_type_out", "keeps_transient_messages", "loses_transient_messages"} < chosen
    assert "acks_before_the_work" not in chosen
    assert not any(each.equivalent for each in mutants("quorum") if each.name in chosen)


@pytest.mark.broker
@pytest.mark.timeout(300)
def test_mutants_are_judged_by_the_suite_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "mutants.json"
    names = ["returns_nothing", "acks_the_third_task_early", "transient", "fetching_worker"]

    status = main(
        [*names, "--broker", "local", "--sample", "1", "--side-by-side", "2", "--report-json", str(report)]
    )

    data = json.loads(report.read_text())
    assert status == 0, capsys.readouterr().out
    assert [each["subject"] for each in data["mutants"]] == ["producer", "worker", "broker"]
    for each in [*data["mutants"], *data["equivalents"]]:
        assert set(each["killed_by"]) - set(each["by_chance"]) == set(each["expected"])


def test_a_service_runs_with_the_command_that_asks_it_for_a_task() -> None:
    by_name = {each.name: each for each in mutants("classic")}
    service, equivalent = by_name["shares_a_channel"], by_name["one_connection_service"]
    assert service.options[:4:2] == ["--service", "--producer"]
    assert service.options[1].endswith("mutants.services.shares_a_channel {service_port}")
    assert service.options[3].endswith("_ask.py {service_port}")
    assert (service.role, equivalent.role, equivalent.is_service) == (Role.PRODUCER, Role.PRODUCER, True)
    assert "P27" in {clause.id for clause in service.clauses()}
    assert "P27" not in {clause.id for clause in by_name["ignores_the_nack"].clauses()}
