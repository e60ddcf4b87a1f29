"""The `[message]` that `./spec profile init` proposes."""

import json
import random
import tomllib
import uuid

import pytest

from workqueue_spec.commands.profile.proposal import proposed
from workqueue_spec.judgement.tasks import new_task
from workqueue_spec.programs.envelope import Message
from workqueue_spec.programs.message import TaskMessage

TASK = new_task(2, random=random.Random(1), also='"quoted" ünïcode')
OTHER = new_task(3, random=random.Random(2))


@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_message_like_the_one_that_was_seen(ascii_only: bool) -> None:
    job = {"id": str(uuid.uuid4()), "text": TASK.text, "note": "it's {name}"}
    properties = {
        "content_type": "application/json",
        "delivery_mode": 2,
        "message_id": str(uuid.uuid4()),
        "priority": 3,
        "headers": {"task name": TASK.text, "deep": {"list": [1, True, "a"]}},
        "timestamp": 5,
    }
    lines = proposed(Message(json.dumps(job, ensure_ascii=ascii_only).encode(), properties), TASK)

    values = tomllib.loads("\n".join(lines))["message"]
    carried = TaskMessage(values).carrying(OTHER, 0.3)

    again = json.loads(carried.body)
    assert again == {**job, "id": again["id"], "text": OTHER.text}
    assert again["id"] != job["id"]
    assert carried.properties["headers"] == {"task name": OTHER.text, "deep": {"list": [1, True, "a"]}}
    assert (carried.properties["priority"], carried.properties["content_type"]) == (3, "application/json")
    assert len(carried.properties["message_id"]) == 36


@pytest.mark.parametrize("body", [b"\xff\xfe", b"something else", TASK.body + b"x" * 5000])
def test_a_message_that_cannot_be_told_is_left_out(body: bytes) -> None:
    assert proposed(Message(body, {}), TASK) == []
