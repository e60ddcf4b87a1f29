import time
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import APIError, DockerException, ImageNotFound

from workqueue_spec.broker import engine
from workqueue_spec.broker.engine import clear_dead_containers
from workqueue_spec.errors import SetupError


class FakeContainer:
    def __init__(self, gone: bool = False) -> None:
        self.gone = gone
        self.removed: dict[str, bool] | None = None

    def remove(self, **how: bool) -> None:
        if self.gone:
            raise APIError("removal is already in progress")
        self.removed = how


def use(monkeypatch: pytest.MonkeyPatch, **parts: Any) -> Any:
    """Replaces the engine's client by a fake with these parts."""
    inner = SimpleNamespace(ping=lambda: True, close=lambda: None, **parts)
    client = SimpleNamespace(client=inner)
    monkeypatch.setattr(engine, "DockerClient", lambda: client)
    return client


def test_only_the_dead_runs_containers_and_networks_are_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    going, left, network = FakeContainer(gone=True), FakeContainer(), FakeContainer()
    asked: list[dict[str, Any]] = []

    def listing(*found: FakeContainer) -> SimpleNamespace:
        def those(**query: Any) -> Sequence[FakeContainer]:
            asked.append(query)
            return found

        return SimpleNamespace(list=those)

    use(monkeypatch, containers=listing(going, left), networks=listing(network))

    clear_dead_containers("run-1234")

    of_run = {"label": "workqueue-spec.run=run-1234"}
    assert asked == [{"all": True, "filters": of_run}, {"filters": of_run}]
    assert left.removed == {"force": True, "v": True}
    assert network.removed == {}


def test_clearing_is_silent_and_quick_without_an_engine(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    began = time.monotonic()

    clear_dead_containers("run-1234")

    assert time.monotonic() - began < 1
    assert capfd.readouterr() == ("", "")


def test_an_image_that_cannot_be_pulled_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(_image: str) -> None:
        raise ImageNotFound("no such image")

    def pull(_image: str) -> None:
        raise APIError("Get https://registry-1.docker.io/v2/: no such host")

    client = use(monkeypatch, images=SimpleNamespace(get=missing, pull=pull))

    with pytest.raises(
        SetupError,
        match=r"^The image a:b is not there and can't be pulled \(.*no such host\); the registry cannot be [^\n]*$",
    ):
        engine.provide_image(client, "a:b")
    assert "Pulling the image a:b" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("host", "contained", "gateway", "expected"),
    [
        ("localhost", False, "203.0.113.1", engine.Reach("127.0.0.1", "127.0.0.1")),
        ("localhost", True, "127.0.0.1", engine.Reach("127.0.0.1", "127.0.0.1")),
        ("localhost", True, "203.0.113.1", engine.Reach("203.0.113.1", "203.0.113.1")),
        ("far.example", False, "203.0.113.1", engine.Reach("0.0.0.0", "far.example")),
    ],
)
def test_a_port_is_published_only_as_widely_as_necessary(
    host: str, contained: bool, gateway: str, expected: engine.Reach, request: pytest.FixtureRequest
) -> None:
    monkeypatch = request.getfixturevalue("monkeypatch")
    bridge = SimpleNamespace(attrs={"IPAM": {"Config": [{"Subnet": "x"}, {"Gateway": gateway}]}})
    client = use(monkeypatch, networks=SimpleNamespace(get=lambda _name: bridge))
    client.host = lambda: host
    monkeypatch.setattr(engine, "inside_container", lambda: contained)

    assert engine.reach(client) == expected


def test_a_socket_that_may_not_be_used_is_said_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied() -> None:
        try:
            raise PermissionError(13, "Permission denied")
        except PermissionError as error:
            raise DockerException("Error while fetching server API version") from error

    monkeypatch.setattr(engine, "DockerClient", denied)

    with pytest.raises(SetupError, match=r"may not use its socket .*; add the user to the group docker"):
        engine.connect()


@pytest.mark.parametrize(
    ("why", "remedy"),
    [
        (
            "Get https://registry-1.docker.io/v2/: dial tcp: lookup registry-1.docker.io: no such host",
            "check the network",
        ),
        ("pull access denied for rabitmq, repository does not exist", "check its name"),
    ],
)
def test_why_an_image_cannot_be_pulled_is_said(
    monkeypatch: pytest.MonkeyPatch, why: str, remedy: str
) -> None:
    def missing(name: str) -> None:
        raise ImageNotFound("no such image")

    def pull(name: str) -> None:
        raise APIError(why)

    client = use(monkeypatch, images=SimpleNamespace(get=missing, pull=pull))

    with pytest.raises(SetupError, match=f"can't be pulled .*; .*{remedy}"):
        engine.provide_image(client, "rabbitmq:4.0")
