"""What the benchmarks compute from what they measured."""

import json
from collections import Counter
from pathlib import Path

import pytest

from benchmarks import census, clients, matrix
from benchmarks.check import irreducible
from benchmarks.costs import Cost, Costs
from workqueue_spec.errors import SetupError


@pytest.mark.parametrize(
    ("spans", "seconds"),
    [
        ([], 0),
        ([(1, 3)], 2),
        ([(1, 3), (5, 6)], 3),
        ([(2, 4), (1, 3)], 3),
        ([(1, 9), (2, 3), (8, 10)], 9),
    ],
)
def test_work_at_the_same_time_counts_once(spans: list[tuple[float, float]], seconds: float) -> None:
    assert census.covered(spans) == seconds


def test_the_counts_of_all_processes_are_added_up(tmp_path: Path) -> None:
    (tmp_path / "1.json").write_text(json.dumps({census.OPENED: 1, census.WORK: 0.0}))
    for number in (2, 3):
        each = {census.OPENED: 1, census.BENCHES: 5, census.WORK: 1.5}
        (tmp_path / f"{number}.json").write_text(json.dumps(each))
    counts, seconds, processes = census.read(tmp_path)
    assert counts == {census.OPENED: 3, census.BENCHES: 10}
    assert (seconds, processes) == (3.0, 2)


def test_the_irreducible_time_shares_processor_and_waiting() -> None:
    one = Costs(
        node=Cost(2, 1), stop=Cost(1, 0), application=Cost(0, 1), worker=Cost(0.2, 0), producer=Cost(0.1, 0.1)
    )
    counts = Counter(
        {
            census.OPENED: 3,
            census.STARTED: 1,
            census.STOPPED: 1,
            census.APPLICATIONS: 4,
            census.WORKERS: 10,
            census.PRODUCERS: 10,
        }
    )
    first = 3
    cpu = 3 * 2 + 1 + 10 * 0.2 + 10 * 0.1
    waiting = 3 * 1 + 4 * 1 + 10 * 0.1 + 8
    least = irreducible(counts, 8, one, cores=2, processes=4)
    assert least == pytest.approx(first + cpu / 2 + waiting / 4)


def test_a_worker_is_timed_while_it_is_warm_and_has_more_to_do() -> None:
    full = clients.MESSAGES + clients.WARM_UP
    samples = [(0.0, full), (1.0, clients.MESSAGES), (2.0, 2000), (3.0, 1000), (9.0, 0)]
    assert clients.speed(samples) == pytest.approx((clients.MESSAGES - 1000) / 2)


@pytest.mark.parametrize("samples", [[(0.0, 3300), (1.0, 0)], [(0.0, 2000), (1.0, 0)], []])
def test_a_queue_that_is_empty_too_soon_is_no_measurement(samples: list[tuple[float, int]]) -> None:
    assert clients.speed(samples) is None


REPORT = {
    "queue_type": "classic",
    "seconds": 2400.0,
    "sample": None,
    "clauses": None,
    "mutants": [{}, {}],
    "equivalents": [{}],
}


def test_the_matrix_is_read_from_its_report(tmp_path: Path) -> None:
    file = tmp_path / "mutants.json"
    file.write_text(json.dumps(REPORT))
    assert matrix.read(file) == ("classic", 3, 2400.0)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "is no report of ./spec mutants"),
        ("[]", "is no report of ./spec mutants"),
        (json.dumps(REPORT | {"sample": 1}), "is not of all clauses"),
        (json.dumps(REPORT | {"clauses": ["W01"]}), "is not of all clauses"),
    ],
)
def test_another_file_is_refused_as_a_matrix(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "mutants.json"
    file.write_text(text)
    with pytest.raises(SetupError, match=sentence):
        matrix.read(file)
