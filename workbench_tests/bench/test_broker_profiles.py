"""What is known of brokers, as data."""

import tomllib

from workqueue_spec import ROOT
from workqueue_spec.bench.broker_profiles import (
    GARAGEMQ,
    has_no_quorum_queues,
    known_to_break,
    loses_confirms,
)
from workqueue_spec.specification.chapters import clause_by_id
from workqueue_spec.specification.clauses import Role

KNOWN_FAILURES = ROOT / "docs" / "garagemq-known-failures.toml"


def test_what_a_broker_is_known_to_break_are_the_brokers_own_clauses() -> None:
    assert {clause_by_id(id_).role for id_ in known_to_break(GARAGEMQ)} == {Role.BROKER}


def test_the_known_failures_are_those_by_which_programs_are_not_judged() -> None:
    known = tomllib.loads(KNOWN_FAILURES.read_text())["known_failures"]
    now_and_then = {"B35"}
    assert set(known) == set(known_to_break(GARAGEMQ)) - now_and_then


def test_nothing_is_known_against_another_broker() -> None:
    for product in ("RabbitMQ", "LavinMQ", "unknown"):
        assert not known_to_break(product)
        assert not loses_confirms(product)
        assert not has_no_quorum_queues(product)
