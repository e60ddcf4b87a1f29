"""A suite that does what a test says, in place of the one that the action installs."""

import json
import stat
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from workqueue_spec import ROOT

sys.path.insert(0, str(ROOT / ".github" / "action"))

Suite = Callable[..., Path]

_PRETENDED = """\
#!{python}
import json, os, sys
from pathlib import Path
here = Path(__file__).parent
(here / "called.json").write_text(json.dumps({{"arguments": sys.argv[1:], "environment": dict(os.environ)}}))
said = json.loads((here / "said.json").read_text())
sys.stdout.write(said["output"])
file = next(each for each in sys.argv if each.startswith("--report-json=")).partition("=")[2]
if said["report"] is not None:
    Path(file).write_text(said["report"])
sys.exit(said["status"])
"""


def report_of(*clauses: Mapping[str, Any], **changed: Any) -> dict[str, Any]:
    """A report of the suite, with these clauses."""
    outcomes = [clause["outcome"] for clause in clauses]
    return {
        "schema": 2,
        "subject": "node worker.js",
        "broker": "RabbitMQ 4.1.0, container",
        "queue_type": "classic",
        "seed": 1734,
        "started": "2026-11-27T21:42:09+00:00",
        "seconds": 61.5,
        "verdict": "nonconformant" if "failed" in outcomes else "inconclusive",
        "verdict_reason": "W06 does not hold" if "failed" in outcomes else "1 of 123 clauses was asked for",
        "counts": {each: outcomes.count(each) for each in ("passed", "failed", "not judged")},
        "clauses": list(clauses),
        **changed,
    }


def clause(outcome: str, reason: str = "", **changed: Any) -> dict[str, Any]:
    """A clause of a report."""
    return {
        "id": "W06",
        "slug": "killed-worker-loses-nothing",
        "class": "core",
        "level": "MUST",
        "subject": "worker",
        "statement": "If a worker is killed before its task is done, the task goes to another worker.",
        "outcome": outcome,
        "seconds": 0.2,
        "reason": reason,
        "known_failure": "",
        "seen_in": "",
        "expected": "",
        "seen": "",
        "likely_cause": "",
        "explained_by": "",
        "histories": [history()] if outcome == "failed" else [],
        **changed,
    }


def history(**changed: Any) -> dict[str, Any]:
    """The history of a clause that failed: one acknowledgement, which decided it."""
    ack = {
        "number": 17,
        "at": 1.076,
        "party": "worker 1",
        "name": "Basic.Ack",
        "connection": 1,
        "channel": 1,
        "sender": "client",
        "fields": {"delivery_tag": 1, "multiple": False},
    }
    return {
        "name": "test_it",
        "judged": True,
        "left_out": 0,
        "decided_by": 17,
        "events": [{**ack, **changed}],
    }


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """Makes a suite that notes how it was called, prints `output`, writes the report and ends with the status."""

    def make(report: Mapping[str, Any] | str | None, status: int = 0, output: str = "") -> Path:
        text = json.dumps(report) if isinstance(report, Mapping) else report
        (tmp_path / "said.json").write_text(json.dumps({"report": text, "status": status, "output": output}))
        script = tmp_path / "suite"
        script.write_text(_PRETENDED.format(python=sys.executable))
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        return script

    return make


@pytest.fixture
def called(tmp_path: Path) -> Callable[[], Any]:
    """The arguments and the environment with which that suite was called."""
    return lambda: json.loads((tmp_path / "called.json").read_text())
