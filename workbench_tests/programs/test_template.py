"""From three published messages a template is learned, or it is found that none can be learned."""

import base64
import datetime
import hashlib
import itertools
import json
import pickle
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from workqueue_spec.programs.envelope import Envelopes, Message
from workqueue_spec.programs.wrapping.template import Template, learn

TEXTS = Envelopes.TEXTS
_PIDS = itertools.count(4000)


def learned(publish: Callable[[str], list[Any]]) -> Template | None:
    return learn(TEXTS, [publish(text) for text in TEXTS])


def celery(text: str) -> list[Any]:
    id_ = str(uuid.uuid4())
    headers = {
        "id": id_,
        "root_id": id_,
        "origin": f"gen{next(_PIDS)}@host",
        "argsrepr": repr((text,)),
        "eta": None,
    }
    return [json.dumps([[text], {}, {"chain": None}]).encode(), {"correlation_id": id_, "headers": headers}]


def dramatiq(text: str) -> list[Any]:
    told = {"args": [text], "message_id": str(uuid.uuid4()), "message_timestamp": int(time.time() * 1000)}
    return [json.dumps(told, separators=(",", ":")).encode(), {"delivery_mode": 2}]


def pickled(text: str) -> list[Any]:
    return [pickle.dumps({"id": uuid.uuid4().hex, "call": (text,), "at": time.time() // 1000}), {}]


def in_base64(text: str) -> list[Any]:
    inner = base64.b64encode(json.dumps({"text": text}).encode()).decode()
    when = datetime.datetime.now(datetime.UTC)
    return [json.dumps({"payload": inner, "at": when.isoformat()}).encode(), {"timestamp": when}]


@pytest.mark.parametrize("publish", [celery, dramatiq, pickled, in_base64, lambda text: [text.encode(), {}]])
def test_a_template_wraps_as_the_producer_does(publish: Callable[[str], list[Any]]) -> None:
    template = learned(publish)
    assert template is not None
    wrapped = [template.wrap("k00000001 another text.....") for _ in range(2)]
    assert learn(
        [TEXTS[0], TEXTS[1], "k00000001 another text....."],
        [publish(TEXTS[0]), publish(TEXTS[1]), wrapped[0]],
    )
    assert b"feedbeef" not in repr(wrapped[0]).encode()


def test_each_message_has_ids_of_its_own_and_one_id_stays_one() -> None:
    template = learned(celery)
    assert template is not None
    one, other = template.wrap("k1"), template.wrap("k1")
    assert one[1]["correlation_id"] == one[1]["headers"]["id"] == one[1]["headers"]["root_id"]
    assert one[1]["correlation_id"] != other[1]["correlation_id"]
    assert json.loads(one[0])[0] == ["k1"]


def test_times_go_on() -> None:
    sample = dramatiq(TEXTS[0])
    template = Template(TEXTS[0], sample, frozenset(), time.time() - 100)
    assert template.opened_with("k1")[0] == sample[0].replace(TEXTS[0].encode(), b"k1")
    opened = Template(TEXTS[0], {"ms": int(time.time() * 1000) - 100_000}, frozenset(), time.time() - 100)
    assert abs(opened.opened_with("k1")["ms"] / 1000 - time.time()) < 5


def _signed(text: str) -> list[Any]:
    return [text.encode(), {"headers": {"signature": hashlib.sha256(text.encode()).hexdigest()}}]


def _signed_anew(text: str) -> list[Any]:
    return [
        text.encode(),
        {"headers": {"signature": hashlib.sha256(text.encode() + uuid.uuid4().bytes).hexdigest()}},
    ]


def _numbered(text: str) -> list[Any]:
    return [json.dumps({"text": text, "id": uuid.uuid4().int >> 70}).encode(), {}]


def _counted(text: str) -> list[Any]:
    return [json.dumps({"text": text, "length": len(text)}).encode(), {}]


def _as_words(text: str) -> list[Any]:
    return [json.dumps(text.split()).encode(), {}]


def _pickled_id(text: str) -> list[Any]:
    return [pickle.dumps((uuid.uuid4(), text)), {}]


@pytest.mark.parametrize("publish", [_signed, _signed_anew, _numbered, _counted, _as_words, _pickled_id])
def test_a_message_that_cannot_be_predicted_gives_no_template(publish: Callable[[str], list[Any]]) -> None:
    assert learned(publish) is None


def test_without_a_template_the_producer_is_run_for_each_task() -> None:
    asked = []

    def publish(texts: Any) -> list[Message]:
        asked.append(tuple(texts))
        return [Message(*_signed(text)) for text in texts]

    envelopes = Envelopes(publish)
    assert [envelopes.wrap(text).body for text in ("k1", "k2")] == [b"k1", b"k2"]
    assert asked == [TEXTS, ("k1",), ("k2",)]


def test_a_long_text_is_always_wrapped_by_the_producer() -> None:
    long = "k1" + " word" * Envelopes.LONGEST

    def publish(texts: Any) -> list[Message]:
        return [Message(*celery(text[:30] if text != long else "cut short")) for text in texts]

    envelopes = Envelopes(publish)
    assert b"cut short" in envelopes.wrap(long).body


def test_a_timestamp_is_published_in_seconds() -> None:
    when = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    assert Message(b"", {"timestamp": when}).as_pika().timestamp == int(when.timestamp())
