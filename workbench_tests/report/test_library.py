"""The library of a program, as the wire shows it."""

from typing import Any

import pytest

from workqueue_spec.report.library import library_of
from workqueue_spec.specification.remedies import LIBRARIES


def event(name: str, party: str = "worker 1", **more: Any) -> dict[str, Any]:
    return {"number": 0, "at": 0.0, "party": party, "name": name, "sender": "client", **more}


def start_ok(party: str = "worker 1", **properties: Any) -> dict[str, Any]:
    return event("Connection.StartOk", party, fields={"client_properties": properties})


def seen(*events: dict[str, Any], role: str = "worker") -> str:
    return library_of(role, [{"name": "a test", "judged": True, "events": list(events)}])


PIKA, PY_AMQP = start_ok(product="Pika Python Client Library"), start_ok(product="py-amqp")


@pytest.mark.parametrize(
    ("properties", "library"),
    [
        ({"product": "Pika Python Client Library", "platform": "Python 3.11.2"}, "pika"),
        ({"product": "aiormq", "platform": "CPython 3.11"}, "aio-pika"),
        ({"product": "py-amqp", "product_version": "5.4.2"}, "kombu"),
        ({"product": "amqplib", "platform": "Node.JS v20.1.0"}, "amqplib"),
        ({"product": "AMQPLib", "platform": "PHP"}, "php-amqplib"),
        ({"product": "AMQP 0.9.1 Client", "platform": "golang"}, "amqp091-go"),
        ({"product": "Bunny", "platform": "ruby 3.3.0"}, "bunny"),
        ({"product": "RabbitMQ", "platform": "Java"}, "java-client"),
        ({"product": "RabbitMQ", "platform": ".NET"}, "dotnet-client"),
        (
            {
                "product": "RabbitMQ",
                "platform": "Java",
                "connection_name": "rabbitConnectionFactory#1b2c3d:0",
            },
            "spring-amqp",
        ),
        ({"product": "RabbitMQ", "platform": "Java", "connection_name": "orders #1"}, "java-client"),
        ({"product": "RabbitMQ", "platform": "Erlang"}, ""),
        ({"product": "rabbitmq-c"}, ""),
        ({"product": ["x"]}, ""),
        ({}, ""),
    ],
)
def test_each_library_says_what_it_is(properties: dict[str, Any], library: str) -> None:
    assert seen(start_ok(**properties)) == library
    assert library in {*LIBRARIES, ""}


def test_without_properties_nothing_is_known() -> None:
    assert seen() == ""
    assert seen(event("Connection.StartOk")) == ""
    assert seen(event("Connection.StartOk", fields={"client_properties": '{"product": "Bunny", ...'})) == ""


@pytest.mark.parametrize(
    "of_celery",
    [
        event("Exchange.Declare", fields={"exchange": "celery.pidbox", "type": "fanout"}),
        event("Exchange.Declare", fields={"exchange": "celeryev"}),
        event("Basic.Deliver", sender="broker", properties={"headers": {"lang": "py", "task": "tasks.work"}}),
        event("Basic.Publish", properties={"headers": '{"lang": "py", "task": "tasks.work", ...'}),
    ],
)
def test_celery_is_known_by_what_it_declares_and_sends(of_celery: dict[str, Any]) -> None:
    assert seen(PY_AMQP, of_celery) == "celery"
    assert seen(PIKA, of_celery) == "pika"


@pytest.mark.parametrize(
    "of_dramatiq",
    [
        event("Queue.Declare", fields={"queue": "default.DQ"}),
        event("Queue.Declare", fields={"queue": "default.XQ"}),
        event("Queue.Declare", fields={"arguments": {"x-dead-letter-routing-key": "default.XQ"}}),
        event("Basic.Deliver", sender="broker", body='{"queue_name":"default","actor_name":"work"}'),
    ],
)
def test_dramatiq_is_known_by_its_queues_and_messages(of_dramatiq: dict[str, Any]) -> None:
    assert seen(PIKA, of_dramatiq) == "dramatiq"
    assert seen(PY_AMQP, of_dramatiq) == "kombu"


def test_other_messages_change_nothing() -> None:
    declared = event("Queue.Declare", fields={"queue": "task_queue", "arguments": '{"x-long": ...'})
    assert seen(PIKA, declared) == "pika"
    task = event("Basic.Deliver", sender="broker", body="a task", properties={"headers": {"task": "1"}})
    assert seen(PIKA, task) == "pika"
    assert seen(PY_AMQP, task) == "kombu"


def test_the_party_that_owes_the_clause_counts() -> None:
    events = (start_ok("producer 1", product="Bunny"), PIKA, start_ok("client 1", product="aiormq"))
    assert [seen(*events, role=role) for role in ("producer", "worker", "system", "broker")] == [
        "bunny",
        "pika",
        "",
        "",
    ]
    assert seen(PIKA, start_ok("producer 1", product="Pika Python Client Library"), role="system") == "pika"


def test_of_two_libraries_none_is_named() -> None:
    assert seen(PIKA, start_ok(product="Bunny")) == ""
    assert seen(PIKA, start_ok(product="one of our own")) == ""


def test_what_no_client_sent_does_not_matter() -> None:
    assert seen(PIKA, {"number": 1, "at": 0.1, "party": "worker 1", "name": "output", "text": "x"}) == "pika"
