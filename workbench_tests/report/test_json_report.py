"""The JSON report keeps to its schema."""

import datetime
import importlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pamqp import commands

import workqueue_spec.report
from workbench_tests.judgement.wire import Script
from workqueue_spec.judgement.event import Event
from workqueue_spec.judgement.verdicts import Kind, Moment
from workqueue_spec.judgement.verdicts.conserving import Conservation
from workqueue_spec.report import about
from workqueue_spec.report.events import as_data
from workqueue_spec.report.json_report import BEHAVIOURS, clauses_data, json_report
from workqueue_spec.specification.chapters import clause_by_id
from workqueue_spec.specification.outcomes import Conclusion, Conformance, Outcome, Result

jsonschema: Any = importlib.import_module("jsonschema")
SCHEMA = json.loads(Path(workqueue_spec.report.__file__).with_name("schema-2.json").read_text("utf-8"))
START_OK = commands.Connection.StartOk({"product": "Bunny", "version": "2.24.0"}, "PLAIN", "", "en_US")
NASTY = "\x1b[2J\x00\ud800 \u202e"


def report() -> dict[str, Any]:
    """A report of a failed clause, a passed one and one that was not judged."""
    script = (
        Script().client(START_OK, channel=0).deliver(1, NASTY.encode(errors="replace")).ack(1, after=0.004)
    )
    script.events.append(Event(1.1, "worker 1", "output", NASTY))
    failed = Result.of(
        clause_by_id("W03"),
        Outcome.FAILED,
        0.5,
        reason="expected this; seen: that",
        expected="this",
        seen="that",
        kind=str(Kind.EARLY),
        beside=("W02",),
        histories=as_data(
            [("test", script.events)],
            "test",
            Moment("worker 1", script.now, "Basic.Ack", 1),
            judged_at={"test": 2.0},
        ),
    )
    return json_report(
        [
            Result.from_json(failed.as_json()),
            Result.of(clause_by_id("B11"), Outcome.PASSED, 0.1),
            Result.of(clause_by_id("S01"), Outcome.NOT_JUDGED, 0.1, reason="no broker"),
        ],
        Conclusion(Conformance.NONCONFORMANT, "W03 does not hold"),
        subject="node worker.js",
        edition=None,
        broker="RabbitMQ",
        queue_type="classic",
        seed=1,
        started=datetime.datetime.now(datetime.UTC),
        seconds=1.0,
        foreseen=[],
        about={
            "suite": dict(zip(("name", "version"), about.suite(), strict=True)),
            "options": {"--broker": "local"},
            "platform": about.machine(),
            "program": {"name": "node worker.js", "producer": "node new_task.js", "worker": "node worker.js"},
            "prefetch": 8,
            "concurrency": 4,
            "exchange": "",
            "routing_key": "task_queue",
            "queues": ["task_queue"],
        },
        again=lambda id_: f"./spec check -k {id_}",
    )


def test_a_report_keeps_to_the_schema() -> None:
    made = json.loads(json.dumps(report()))

    jsonschema.validate(made, SCHEMA)
    failed = made["clauses"][0]
    assert failed["histories"][0]["decided_by"] == 2
    assert failed["histories"][0]["judged_at"] == 2.0
    assert failed["kind"] == "acknowledged before the work"
    assert [clause["again"] for clause in made["clauses"]] == ["./spec check -k W03", "", ""]


def test_what_a_test_found_out_beside_its_verdict_is_in_the_report() -> None:
    judge = Conservation(["task_queue"], ("", "task_queue"), prefetch=1)
    judge.read(Event(1.0, "worker 1", "fault", "fault 1: cut"))
    planned = {"number": 1, "kind": "cut", "target": "worker at place 1", "at": 1.0, "seconds": 0.0}
    storm = {"seconds": 10.0, **judge.as_data(), "schedule": [planned]}
    result = Result.of(clause_by_id("S02"), Outcome.PASSED, 0.1, details={"storm": storm})
    made = report()
    made["clauses"] = clauses_data([Result.from_json(result.as_json())], str)
    jsonschema.validate(json.loads(json.dumps(made)), SCHEMA)
    assert made["clauses"][0]["details"] == {"storm": storm}
    assert all("details" not in clause for clause in report()["clauses"])


def test_a_failure_has_its_remedy_with_the_calls_of_the_library_that_was_seen_first() -> None:
    failed, *others = report()["clauses"]

    assert [clause["remedy"] for clause in others] == [None, None]
    remedy = failed["remedy"]
    assert remedy["library"] == "bunny"
    assert remedy["reference"][0]["path"] == "reference/worker.py"
    libraries = [setting["library"] for setting in remedy["settings"]]
    assert libraries[0] == "bunny"
    assert {"pika", "amqplib"} < set(libraries)


@pytest.mark.parametrize("key", SCHEMA["$defs"]["remedy"]["required"])
def test_the_schema_misses_a_part_of_a_remedy(key: str) -> None:
    made = report()
    del made["clauses"][0]["remedy"][key]

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(made, SCHEMA)


def test_a_clause_may_have_no_remedy() -> None:
    without = replace(Result.of(clause_by_id("W03"), Outcome.FAILED, 0.1), remedy=None)
    (made,) = clauses_data([without], str)
    assert made["remedy"] is None


@pytest.mark.parametrize("key", SCHEMA["required"])
def test_the_schema_misses_what_is_not_there(key: str) -> None:
    made = report()
    del made[key]

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(made, SCHEMA)


def test_a_teams_own_clause_keeps_to_the_schema() -> None:
    made = report()
    made["clauses"][0]["id"] = "T01"

    jsonschema.validate(made, SCHEMA)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_names_all_keys() -> None:
    made = report()

    assert set(made) == set(SCHEMA["properties"]) == set(SCHEMA["required"])
    for clause in made["clauses"]:
        assert set(clause) == set(SCHEMA["$defs"]["clause"]["required"])


def test_each_behaviour_has_a_clause() -> None:
    assert len(BEHAVIOURS) == 5
    assert all(clause_by_id(id_) for id_ in BEHAVIOURS)


def test_the_command_runs_the_test_that_saw_it() -> None:
    seen = Result.of(clause_by_id("W03"), Outcome.FAILED, 0.0, seen_in="test_a_killed_worker[a task]")
    (made,) = clauses_data([seen], str)
    assert made["again"] == "W03 or test_a_killed_worker"
