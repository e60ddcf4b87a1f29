"""`./spec judge`: the same verdict from a file as in the run, with one sentence for what is no history."""

from collections.abc import Callable
from pathlib import Path

import pytest

from workqueue_spec.commands.judge import main
from workqueue_spec.commands.spelling import MISUSED
from workqueue_spec.report.storm_history import Recording

from ..judgement.test_verdicts_conserving import TWO, Storm, finished

Judged = Callable[[Storm], tuple[int, list[str]]]
HEAD = {
    "subject": "node worker.js\x1b[2J",
    "broker": "RabbitMQ 4.0",
    "seed": 7,
    "queues": ["task_queue"],
    "route": ["", "task_queue"],
    "prefetch": 1,
}


@pytest.fixture
def judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Judged:
    """Judges a storm that was written to a file."""

    def judge(storm: Storm) -> tuple[int, list[str]]:
        file = tmp_path / "h.jsonl"
        with file.open("w") as opened:
            recording = Recording(opened, HEAD)
            recording.begins([])
            for event in storm.events:
                recording.writes(event)
            recording.ends()
        status = main([str(file)])
        return status, capsys.readouterr().out.splitlines()

    return judge


def test_a_storm_that_lost_nothing(judged: Judged) -> None:
    made = finished().note("worker 1", "fault", "fault 1: cut").note("broker", "counted", "0")
    status, lines = judged(made)
    assert status == 0
    assert lines[0] == r"node worker.js\x1b[2J on RabbitMQ 4.0, seed 7"
    assert lines[1].startswith("1 tasks, 1 confirmed, 1 finished, 0 lost")
    assert lines[3].split() == ["worker", "cut", "1", "0"]
    assert [line.split(":")[0] for line in lines[4:]] == ["S02 holds", "W02 holds"]


def test_a_storm_that_lost_a_task(judged: Judged) -> None:
    status, lines = judged(finished().send(TWO).note("broker", "counted", "0"))
    assert status == 1
    assert any(line.startswith("S02 is broken") and "k00000002" in line for line in lines)


def test_a_worker_that_held_too_many(judged: Judged) -> None:
    made = finished().send(TWO)
    made.deliver(2, TWO).deliver(3, TWO, redelivered=True).ack(2).ack(3)
    status, lines = judged(made.note("broker", "counted", "0"))
    assert status == 1
    assert any(line.startswith("W02 is broken") for line in lines)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read: No such file or directory."),
        (b"{}\n", "is no history of a storm"),
        (b"\xff\xfe\n", "is no history of a storm"),
    ],
)
def test_what_is_no_history_has_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, says: str
) -> None:
    file = tmp_path / "h.jsonl"
    if content is not None:
        file.write_bytes(content)
    assert main([str(file)]) == MISUSED
    assert says in capsys.readouterr().err


def test_a_fault_that_makes_no_sense_is_named(judged: Judged, capsys: pytest.CaptureFixture[str]) -> None:
    assert judged(finished().note("worker 1", "fault", "nonsense"))[0] == MISUSED
