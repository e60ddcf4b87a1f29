"""Definitions: what is read of RabbitMQ's own export, and a clear sentence for each mistake."""

import json
from pathlib import Path
from typing import Any

import pytest

from workqueue_spec.broker import erlang
from workqueue_spec.broker.definitions import Policy, read
from workqueue_spec.errors import SetupError

QUEUE = {
    "name": "jobs",
    "vhost": "/",
    "durable": True,
    "auto_delete": False,
    "arguments": {"x-max-priority": 5},
}
OTHER = {**QUEUE, "name": "other", "type": "quorum", "arguments": {}}
EXCHANGE = {"name": "shop", "vhost": "/", "type": "topic", "durable": True, "auto_delete": False}
BINDING = {
    "source": "shop",
    "vhost": "/",
    "destination": "jobs",
    "destination_type": "queue",
    "routing_key": "new.*",
    "arguments": {},
}
POLICY = {"vhost": "/", "name": "all", "pattern": "^jobs", "definition": {"message-ttl": 5}, "priority": 3}


def written(folder: Path, data: Any) -> Path:
    file = folder / "definitions.json"
    file.write_text(data if isinstance(data, str) else json.dumps(data))
    return file


def test_what_definitions_hold(tmp_path: Path) -> None:
    data = {
        "rabbit_version": "4.0.5",
        "users": [{"name": "guest"}],
        "permissions": [{}],
        "parameters": [],
        "queues": [QUEUE, OTHER],
        "exchanges": [EXCHANGE, {**EXCHANGE, "name": "amq.topic"}],
        "bindings": [BINDING],
        "policies": [POLICY],
    }

    found = read(written(tmp_path, data), "jobs")

    assert [(each.name, each.type) for each in found.queues] == [("jobs", "classic"), ("other", "quorum")]
    assert [each.name for each in found.exchanges] == ["shop"]
    assert found.bindings[0].to_queue
    assert found.left_out == ("permissions", "users")
    assert found.describe() == (
        "2 queues, 1 exchange, 1 binding, 1 policy in each virtual host; left out: permissions, users"
    )


def test_of_several_virtual_hosts_the_one_with_the_queue_is_taken(tmp_path: Path) -> None:
    elsewhere = {**OTHER, "vhost": "/elsewhere"}
    file = written(tmp_path, {"queues": [QUEUE, elsewhere]})
    assert [each.name for each in read(file, "jobs").queues] == ["jobs"]
    assert [each.name for each in read(file, "other").queues] == ["other"]


def test_the_policy_of_the_highest_priority_applies(tmp_path: Path) -> None:
    of_quorum = {**POLICY, "name": "quorum", "priority": 9, "apply-to": "quorum_queues"}
    low = {**POLICY, "name": "low", "priority": 0, "pattern": ".*"}
    found = read(written(tmp_path, {"queues": [QUEUE], "policies": [low, POLICY, of_quorum]}), "jobs")
    names = [
        policy and policy.name
        for queue, kind in (("jobs", "classic"), ("jobs", "quorum"), ("x", "classic"))
        for policy in [found.policy_of(queue, kind)]
    ]
    assert names == ["all", "quorum", "low"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("{", "are not JSON"),
        ("[]", "holds no definitions; write it with rabbitmqctl export_definitions"),
        ({"users": []}, "holds no definitions"),
        ({"queues": {}}, "queues must be a list of objects"),
        ({"queues": [1]}, "queues must be a list of objects"),
        ({"queues": [{"name": "jobs", "vhost": "/"}]}, "hold an entry without 'durable'"),
        ({"queues": [{**QUEUE, "arguments": 5}]}, "hold an entry that cannot be read"),
        ({"queues": [QUEUE, {**QUEUE, "name": ""}]}, "hold an entry that cannot be read \\(name ''\\)"),
        ({"queues": [QUEUE], "policies": [{**POLICY, "pattern": "("}]}, "hold an entry that cannot be read"),
        ({"queues": [QUEUE], "policies": [{**POLICY, "apply-to": "x"}]}, "apply-to 'x'"),
        (
            {"queues": [QUEUE, {**QUEUE, "vhost": "b"}]},
            "are of '/' and 'b', and the queue 'jobs' is in several",
        ),
        ({"queues": [OTHER, {**OTHER, "vhost": "b"}]}, "are of '/' and 'b', and the queue 'jobs' is in none"),
        ({"queues": []}, "are of no virtual host"),
    ],
)
def test_a_mistake_in_definitions_is_said_in_one_sentence(tmp_path: Path, data: Any, says: str) -> None:
    with pytest.raises(SetupError, match=says) as caught:
        read(written(tmp_path, data), "jobs")
    assert "\n" not in str(caught.value)


def test_definitions_that_are_not_there_are_said(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="Cannot read the definitions"):
        read(tmp_path / "none.json", "jobs")


def test_a_policy_reaches_the_broker_without_any_escaping() -> None:
    policy = Policy("a'b", "^jobs\\.", "queues", 2, {"message-ttl": 5})
    expression = erlang.setting_policies("host", [policy])
    for text in ("host", "a'b", "^jobs\\.", '{"message-ttl": 5}', "queues"):
        assert erlang.binary(text) in expression
