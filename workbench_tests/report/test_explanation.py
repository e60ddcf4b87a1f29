"""The evidence of a clause that failed."""

from workqueue_spec.judgement.history import History
from workqueue_spec.report.events import as_data
from workqueue_spec.report.explanation import evidence


def test_histories_of_several_benches_are_told_apart() -> None:
    idle, busy = History(), History()
    idle.add("worker 1", "output", "bored")
    busy.add("worker 1", "output", "working")

    lines = evidence(as_data([("busy", busy.events), ("idle", idle.events)], judged="busy"))

    assert [line for line in lines if line.startswith("---")] == ["--- idle ---", "--- busy, judged here ---"]
    assert "working" in lines[-1]


def test_one_history_needs_no_name() -> None:
    only = History()
    only.add("worker 1", "output", "working")

    assert evidence(as_data([("the test", only.events)]))[0] == "worker 1"
