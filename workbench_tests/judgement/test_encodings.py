"""A task's text is found in a body in every common encoding."""

import base64
import gzip
import json
import pickle
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workqueue_spec.judgement import encodings
from workqueue_spec.judgement.encodings import holds, readings

TEXT = 'k1234abcd caf\u00e9 "quoted" \\ ☃ . .'


def in_base64(body: bytes) -> bytes:
    return base64.b64encode(body)


WRAPPED = {
    "as it stands": TEXT.encode(),
    "JSON": json.dumps({"args": [TEXT], "n": 1}).encode(),
    "a JSON text": json.dumps(TEXT).encode(),
    "JSON in UTF-8": json.dumps([TEXT], ensure_ascii=False, indent=2).encode(),
    "base64": in_base64(TEXT.encode()),
    "base64 of the URL's alphabet, without its padding": base64.urlsafe_b64encode(TEXT.encode()).rstrip(b"="),
    "base64 in lines": base64.encodebytes(TEXT.encode() * 5),
    "gzip": gzip.compress(TEXT.encode()),
    "zlib": zlib.compress(TEXT.encode(), 9),
    "pickle": pickle.dumps({"args": (TEXT,)}),
    "an old pickle": pickle.dumps([TEXT, "é"], protocol=2),
    "JSON in base64 in JSON": json.dumps({"body": in_base64(json.dumps([TEXT]).encode()).decode()}).encode(),
    "pickle in zlib in base64": in_base64(zlib.compress(pickle.dumps(TEXT))),
    "JSON in JSON": json.dumps({"job": json.dumps({"text": TEXT})}).encode(),
}


@pytest.mark.parametrize("how", WRAPPED)
def test_a_text_is_found(how: str) -> None:
    assert holds(WRAPPED[how], TEXT.encode())
    assert not holds(WRAPPED[how], b"another")


def test_a_decompression_bomb_is_bounded() -> None:
    bomb = gzip.compress(gzip.compress(bytes(4 * encodings.MOST_BYTES)))
    assert not holds(bomb, b"k1234")
    assert sum(map(len, readings(bomb))) < 2 * encodings.MOST_BYTES


def test_endless_nesting_is_opened_to_some_depth_only() -> None:
    body = b"k1234abcd"
    for _ in range(50):
        body = in_base64(body)
    assert not holds(body, b"k1234abcd")
    assert not holds(b"[" * 100_000, b"k1234abcd")


def test_a_pickle_is_never_loaded() -> None:
    assert not holds(b"\x80\x04cos\n_exit\n(K\x07tR.", b"k1234abcd")


@given(st.binary(max_size=200))
def test_any_body_can_be_read(body: bytes) -> None:
    assert body in readings(body)
    assert body in readings(gzip.compress(body)) or not body
