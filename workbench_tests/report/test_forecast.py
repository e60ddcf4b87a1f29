"""The forecast as text, and the command that prints it."""

import json
from pathlib import Path
from typing import Any

import pytest

from workqueue_spec.commands.forecast import main
from workqueue_spec.commands.spelling import MISUSED
from workqueue_spec.report.forecast import lines, mistake_in, upcoming

SMALL_FRAMES = {
    "change": "frame-size",
    "party": "worker 1",
    "seen": "it agreed to frames of 4096 bytes (connection.tune-ok)",
    "test": "test_x",
    "since": "4.1",
    "effect": "breaks",
    "what": "A client that agrees to frames of less than 8192 bytes is refused when it connects.",
    "do": "Take a newer client library.",
    "source": "https://example.org/4.1",
}
NO_TIMEOUT = {**SMALL_FRAMES, "change": "no-timeout", "since": "4.3", "effect": "changes"}


def report(broker: str, *foreseen: dict[str, str], **more: Any) -> dict[str, Any]:
    return {
        "subject": "node worker.js",
        "broker": broker,
        "queue_type": "classic",
        "verdict": "conformant",
        "clauses": [{"outcome": "passed"}, {"outcome": "not judged"}],
        "foreseen": list(foreseen),
        **more,
    }


def test_what_comes_is_told_with_what_was_seen() -> None:
    also = {**SMALL_FRAMES, "party": "producer 1", "test": "test_y", "seen": "the same"}
    found = report("RabbitMQ 3.10.8, local node", SMALL_FRAMES, also)
    assert list(lines(found, upcoming(found, None), None)) == [
        "node worker.js on RabbitMQ 3.10.8, local node, classic queues",
        "",
        "RabbitMQ 4.1 breaks it: frame-size",
        "  A client that agrees to frames of less than 8192 bytes is refused when it",
        "  connects.",
        "  seen    worker 1, test_x: it agreed to frames of 4096 bytes (connection.tune-",
        "          ok)",
        "  seen    producer 1, test_y: the same",
        "  do      Take a newer client library.",
        "  source  https://example.org/4.1",
        "",
        "1 break and no other changes on a later RabbitMQ, by what 1 judged clause showed",
        "    on the wire",
    ]


@pytest.mark.parametrize(
    ("broker", "to", "found", "status"),
    [
        ("RabbitMQ 3.10.8, local node", [], ["frame-size", "no-timeout"], 1),
        ("RabbitMQ 3.10.8, local node", ["--to", "4.0"], [], 0),
        ("RabbitMQ 3.10.8, local node", ["--to", "4.1.2"], ["frame-size"], 1),
        ("RabbitMQ 4.1.0, local node", [], ["no-timeout"], 0),
        ("RabbitMQ 4.3.6, docker", [], [], 0),
        ("GarageMQ 1.0", [], ["frame-size", "no-timeout"], 1),
    ],
)
def test_only_what_comes_after_the_version_of_the_broker(
    broker: str,
    to: list[str],
    found: list[str],
    status: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "r.json"
    file.write_text(json.dumps(report(broker, SMALL_FRAMES, NO_TIMEOUT)))
    assert main([str(file), *to]) == status
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("RabbitMQ ")]
    assert [line.rpartition(" ")[2] for line in told] == found


@pytest.mark.parametrize(
    ("found", "mistake"),
    [
        ([], "is not a report of `check`"),
        ({"verdict": "x", "clauses": []}, "is of an older workqueue-spec, which made no forecast"),
        (report("x", {"change": "y"}), "has a forecast that is not as `check` writes it"),
        (report("x", {**SMALL_FRAMES, "since": "soon"}), "has a forecast that is not as `check` writes it"),
        (report("x", subject=1), "names no program, broker or queue type"),
    ],
)
def test_what_is_no_report_with_a_forecast(
    found: object, mistake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert mistake_in(found).startswith(mistake)
    file = tmp_path / "r.json"
    file.write_text(json.dumps(found))
    assert main([str(file)]) == MISUSED
    assert capsys.readouterr().err.startswith(f"spec: {file} {mistake}")


def test_a_version_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["r.json", "--to", "latest"])
    assert ended.value.code == MISUSED
    assert "'latest' is no version of RabbitMQ, such as 4.1" in capsys.readouterr().err


def test_what_a_stranger_wrote_is_shown_safely() -> None:
    hostile = {**SMALL_FRAMES, "seen": "\x1b[2J" * 10}
    found = report("RabbitMQ 3.10.8", hostile)
    assert "\x1b" not in "".join(lines(found, upcoming(found, None), None))
