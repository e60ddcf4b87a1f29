"""The broker's URL, changed before a program is given it."""

import pytest

from workqueue_spec.bench.urls import with_query


@pytest.mark.parametrize(
    ("url", "changed"),
    [
        ("amqp://user:word@host:5672/tasks", "amqp://user:word@host:5672/tasks?heartbeat=1"),
        ("amqps://host/tasks?verify=no", "amqps://host/tasks?verify=no&heartbeat=1"),
    ],
)
def test_a_query_parameter_is_added(url: str, changed: str) -> None:
    assert with_query("heartbeat", 1)(url) == changed
