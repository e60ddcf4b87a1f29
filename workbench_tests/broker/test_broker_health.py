"""Whether a broker is well, asked after a test has failed."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from pamqp import base, commands, frame

from workqueue_spec.broker import Address, handshake, health
from workqueue_spec.broker.handshake import Greeting
from workqueue_spec.broker.health import ailment
from workqueue_spec.broker.url import Site, UrlBroker


def marshal(method: base.Frame) -> bytes:
    return frame.marshal(method, 0)


WELL = [
    marshal(each)
    for each in (
        commands.Connection.Start(server_properties={"product": "Some MQ"}, mechanisms="PLAIN"),
        commands.Connection.Tune(0, 131072, 60),
        commands.Connection.OpenOk(),
        commands.Connection.CloseOk(),
        commands.Connection.CloseOk(),
    )
]


def broker_at(port: int, folder: Path) -> UrlBroker:
    """A broker that answered when the run began."""
    address = Address("127.0.0.1", port, "guest", "guest")
    return UrlBroker(Site(address, "/", Greeting("Some MQ", "1.2"), False), folder, owner=False)


def test_a_broker_that_greets_is_well(answering: Callable[..., int], tmp_path: Path) -> None:
    assert ailment(broker_at(answering(*WELL), tmp_path)) == ""


def test_a_broker_that_accepts_connections_and_says_nothing_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(handshake, "_SECONDS_PER_ATTEMPT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert ailment(broker_at(silent.getsockname()[1], tmp_path)) == "it does not answer any more"


def test_a_broker_that_listens_no_more_is_gone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(health, "_AGAIN", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert ailment(broker_at(port, tmp_path)) == "it is gone (Connection refused)"
