import time
from collections.abc import Callable

import pytest
from pamqp import commands, frame

from workqueue_spec.broker import Address, open_broker
from workqueue_spec.broker.handshake import await_greeting
from workqueue_spec.broker.run import Run
from workqueue_spec.errors import SetupError

START = frame.marshal(
    commands.Connection.Start(server_properties={"product": "Some MQ", "version": "1.2"}, mechanisms="PLAIN"),
    0,
)
TUNE = frame.marshal(commands.Connection.Tune(0, 131072, 60), 0)
OPEN_OK = frame.marshal(commands.Connection.OpenOk(), 0)
CLOSE_OK = frame.marshal(commands.Connection.CloseOk(), 0)


def close(code: int, text: str) -> bytes:
    return frame.marshal(commands.Connection.Close(code, text, 0, 0), 0)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([b"HTTP/1.1 400 Bad Request\r\n\r\n"], "does not speak AMQP 0-9-1"),
        ([b"AMQP\0\1\0\0"], "does not speak AMQP 0-9-1"),
        ([b"\1\0\0\xff\xff\xff\xff"], "does not speak AMQP 0-9-1"),
        ([b"\1\0\0\0\0\0\4\xff\xff\xff\xff\xce"], "does not speak AMQP 0-9-1"),
        ([START[:20]], "does not speak AMQP 0-9-1"),
        ([b""], "does not speak AMQP 0-9-1"),
        (
            [b"HTTP/1.1 400 Bad Request\r\n\r\n"],
            "it is an HTTP server). Check the port: RabbitMQ takes amqp at 5672",
        ),
        ([START], "does not let user 'me' in"),
        ([START, close(403, "ACCESS_REFUSED - login was refused")], "ACCESS_REFUSED - login was refused"),
        (
            [START, close(403, "ACCESS_REFUSED - login was refused")],
            "check the user and the password in the URL",
        ),
        ([START, TUNE, close(530, "NOT_ALLOWED - vhost other not found")], "refuses virtual host 'other'"),
        (
            [START, TUNE, close(530, "NOT_ALLOWED - vhost other not found")],
            "NOT_ALLOWED - vhost other not found",
        ),
    ],
)
def test_a_url_that_does_not_let_us_in_is_one_sentence_without_the_password(
    answers: list[bytes], reason: str, run: Run, answering: Callable[..., int]
) -> None:
    port = answering(*answers)

    with pytest.raises(SetupError) as refusal:
        open_broker(f"amqp://me:s3cret@127.0.0.1:{port}/other", run)

    sentence = str(refusal.value)
    assert reason in sentence
    assert f"amqp://me@127.0.0.1:{port}" in sentence
    assert "s3cret" not in sentence
    assert "\n" not in sentence
    assert list(run.folder.iterdir()) == []


def test_a_url_where_nobody_listens_is_one_sentence(run: Run) -> None:
    with pytest.raises(SetupError, match=r"No broker answers at amqp://guest@127\.0\.0\.1:1"):
        open_broker("amqp://127.0.0.1:1", run)


def test_a_plain_listener_is_no_tls(run: Run, answering: Callable[..., int]) -> None:
    port = answering(START)

    with pytest.raises(SetupError, match=r"No TLS with the broker at amqps://guest@127\.0\.0\.1"):
        open_broker(f"amqps://127.0.0.1:{port}", run)


def test_control_characters_in_the_reason_are_escaped(run: Run, answering: Callable[..., int]) -> None:
    port = answering(START, close(403, "\x1b[2Jno"))

    with pytest.raises(SetupError) as refusal:
        open_broker(f"amqp://127.0.0.1:{port}", run)

    assert "\x1b" not in str(refusal.value)


def test_a_broker_at_a_url_is_described_and_never_touched(run: Run, answering: Callable[..., int]) -> None:
    broker = open_broker(f"amqp://127.0.0.1:{answering(START, TUNE, OPEN_OK, CLOSE_OK, CLOSE_OK)}", run)

    assert broker.describe() == f"Some MQ 1.2 at amqp://guest@127.0.0.1:{broker.address.port}"
    assert (broker.product, broker.version) == ("Some MQ", "1.2")
    assert not broker.ours
    assert not broker.can_make_virtual_hosts
    for touch in (broker.restart, broker.stop, broker.kill, broker.start, lambda: broker.evaluate("halt()")):
        with pytest.raises(SetupError, match="given by URL"):
            touch()


def test_a_dead_broker_is_not_waited_for() -> None:
    began = time.monotonic()

    greeting = await_greeting(Address("127.0.0.1", 1, "guest", "guest"), alive=lambda: False, seconds=60)

    assert greeting is None
    assert time.monotonic() - began < 1
