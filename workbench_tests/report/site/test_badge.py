"""What a badge says, as a picture and as data."""

import json
from pathlib import Path
from xml.etree import ElementTree

from workbench_tests.report.html import reports
from workqueue_spec.report.site.badge import badge
from workqueue_spec.report.site.runs import programs

from . import judged

FINE, WORKER = programs([(Path(f"{number}.json"), each) for number, each in enumerate(judged.usual())])


def test_it_says_how_many_must_are_broken() -> None:
    assert badge(FINE.runs).message == "conformant"
    assert badge(WORKER.runs).message == "breaks 3 MUST"


def test_an_inconclusive_run_is_no_conformant_one() -> None:
    clause = reports.clause("W03", "ack-after-work", "not judged", reason="no")
    (program,) = programs([(Path("r.json"), reports.report(clause, verdict="inconclusive"))])
    assert badge(program.runs).message == "inconclusive"


def test_the_picture_is_svg_that_loads_nothing() -> None:
    element = ElementTree.fromstring(badge(WORKER.runs, "RabbitMQ 4.0").as_svg())
    assert element.get("aria-label") == "work queue on RabbitMQ 4.0: breaks 3 MUST"
    assert {each.tag.rpartition("}")[2] for each in element.iter()} == {"svg", "rect", "path", "g", "text"}


def test_the_name_of_a_broker_is_escaped() -> None:
    text = badge(WORKER.runs, reports.HOSTILE).as_svg()
    assert "<script" not in text
    ElementTree.fromstring(text)


def test_the_data_is_for_an_endpoint_badge() -> None:
    assert json.loads(badge(FINE.runs).as_endpoint()) == {
        "schemaVersion": 1,
        "label": "work queue",
        "message": "conformant",
        "color": "#116329",
    }
