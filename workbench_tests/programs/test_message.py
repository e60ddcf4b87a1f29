"""What carries a task, as a profile says it."""

import json
import random

from workqueue_spec.judgement.tasks import new_task, tokens_in
from workqueue_spec.programs.message import TaskMessage

TASK = new_task(2, random=random.Random(1), also='"quoted" ünïcode {text}')


def test_the_placeholders_are_filled_for_each_task() -> None:
    message = TaskMessage(
        {
            "body": '{"id": "{id}", "text": {text_json}, "s": {seconds}, "ms": {milliseconds}, "u": "{uuid}"}',
            "content_type": "application/json",
            "message_id": "{id}",
            "priority": 3,
            "headers": {"id": "{id}", "list": ["{text}", 1], "flag": True},
        }
    )

    carried = message.carrying(TASK, 0.25)

    body, properties = json.loads(carried.body), carried.properties
    assert (body["text"], body["s"], body["ms"]) == (TASK.text, 0.25, 250)
    assert len(body["u"]) == 36
    assert properties["message_id"] == properties["headers"]["id"] == body["id"]
    assert properties["headers"]["list"] == [TASK.text, 1]
    assert (properties["headers"]["flag"], properties["priority"]) == (True, 3)
    assert properties["delivery_mode"] == 2


def test_each_message_has_an_id_of_its_own_by_which_its_task_is_found() -> None:
    message = TaskMessage({"body": '{"job": "{id}"}'})
    one, other = (message.carrying(TASK, 0).body for _ in range(2))
    assert one != other
    assert tokens_in(one) == tokens_in(other) == {TASK.mark}


def test_double_braces_are_plain_text() -> None:
    assert TaskMessage({"body": "{{text}} {text}"}).carrying(TASK, 0).body == b"{text} " + TASK.body
