"""A run tells what of a worker breaks on a later RabbitMQ."""

import sys
from pathlib import Path

import pytest

from workqueue_spec.commands import forecast

from .whole_runs import LONG_ENOUGH, begin

WORKER = Path(__file__).with_name("old_habits_worker.py")

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]


def test_a_worker_with_old_habits(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = folder / "r.json"
    run = begin(
        folder, "-k", "W02 or W04", "--worker", f"'{sys.executable}' '{WORKER}'", "--report-json", str(report)
    )
    assert "2 passed" in run.communicate(timeout=LONG_ENOUGH)[0]
    assert forecast.main([str(report)]) == 1
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("RabbitMQ ")]
    assert told == [
        "RabbitMQ 4.1 breaks it: frame-size",
        "RabbitMQ 4.3 changes it: global-prefetch",
        "RabbitMQ 4.3 breaks it: transient-queue",
        "RabbitMQ 4.3 breaks it: queue-mode",
        "RabbitMQ 4.3 breaks it: queue-version",
        "RabbitMQ 4.3 breaks it: master-locator",
        "RabbitMQ 4.3 changes it: no-timeout",
    ]
