"""A tap in front of a broker that speaks TLS: what passes, and that every end is clean."""

import contextlib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from workqueue_spec.wiretap import Upstream

from ..certificates import Certificates, made_in
from .amqp_bytes import HEARTBEAT, PROTOCOL, deliver, publish
from .peers import Peer, Scene


class SecretScene(Scene):
    """A scene whose broker speaks TLS, with a certificate of a private authority."""

    certificates: Certificates

    @property
    def upstream(self) -> Upstream:
        host, port = self.listener.getsockname()
        return Upstream(host, port, ssl.create_default_context(cafile=str(self.certificates.ca)), host)

    def connect(self) -> tuple[Peer, Peer]:
        client = self.dial()
        plain, _ = self.listener.accept()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificates.certificate, self.certificates.key)
        broker = Peer(self._stack.enter_context(context.wrap_socket(plain, server_side=True)))
        self.recorder.named("Tap.Connected")
        return client, broker


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return made_in(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def scene(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr(SecretScene, "certificates", certificates, raising=False)
    with SecretScene.set_up() as made:
        yield made


def test_frames_pass_both_ways_and_are_told(scene: Scene) -> None:
    client, broker = scene.connect()
    client.send(PROTOCOL, *publish(1, b"a task"))
    broker.expect(PROTOCOL, *publish(1, b"a task"))
    broker.send(*deliver(1, 1, b"a task"))
    client.expect(*deliver(1, 1, b"a task"))

    assert scene.recorder.named("Basic.Deliver")[0].content is not None


def _unread(client: Peer, broker: Peer) -> None:
    """The broker sends, and the client reads nothing: the tap stops to read from the broker."""
    broker.socket.settimeout(0.3)
    with contextlib.suppress(TimeoutError):
        for _ in range(200):
            broker.socket.sendall(bytes(1 << 20))


def _close_both(client: Peer, broker: Peer) -> None:
    broker.close()
    client.close()


def _go_silent(scene: Scene, client: Peer) -> None:
    scene.tap.black_hole()
    client.close()


def _delay(scene: Scene, client: Peer) -> None:
    scene.tap.delay(0.1)
    client.send(HEARTBEAT)
    client.close()


def _reset_with_much_under_way(client: Peer, broker: Peer) -> None:
    _unread(client, broker)
    client.close(reset=True)


def _refuse(scene: Scene, client: Peer, broker: Peer) -> None:
    scene.tap.refuse()
    _close_both(client, broker)


HAPPENINGS: dict[str, Callable[[Scene, Peer, Peer], object]] = {
    "nothing": lambda scene, client, broker: None,
    "the client closes": lambda scene, client, broker: client.close(),
    "the client resets": lambda scene, client, broker: client.close(reset=True),
    "the client sends its end": lambda scene, client, broker: client.socket.shutdown(socket.SHUT_WR),
    "the broker closes": lambda scene, client, broker: broker.close(),
    "the broker resets": lambda scene, client, broker: broker.close(reset=True),
    "both close": lambda scene, client, broker: _close_both(client, broker),
    "the tap cuts": lambda scene, client, broker: scene.tap.cut(),
    "the tap resets": lambda scene, client, broker: scene.tap.cut(reset=True),
    "it went silent": lambda scene, client, broker: _go_silent(scene, client),
    "all is delayed": lambda scene, client, broker: _delay(scene, client),
    "nobody reads": lambda scene, client, broker: _unread(client, broker),
    "nobody reads, and it is over": lambda scene, client, broker: _reset_with_much_under_way(client, broker),
    "refused from now on": lambda scene, client, broker: _refuse(scene, client, broker),
}


@pytest.mark.parametrize("happening", HAPPENINGS.values(), ids=HAPPENINGS)
@pytest.mark.parametrize("pause", [0.0, 0.2], ids=["at once", "later"])
def test_a_tap_closes_after_any_end(
    scene: Scene,
    happening: Callable[[Scene, Peer, Peer], object],
    pause: float,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With TLS, asyncio's transport forgets its socket once it is closed."""
    client, broker = scene.connect()
    client.send(PROTOCOL, HEARTBEAT)
    broker.expect(PROTOCOL, HEARTBEAT)
    happening(scene, client, broker)
    time.sleep(pause)
    began = time.monotonic()

    scene.tap.close()

    assert time.monotonic() - began < 5
    assert scene.tap.connections == 0
    assert [record.getMessage() for record in caplog.records] == []


def test_both_sides_learn_of_a_cut(scene: Scene) -> None:
    client, broker = scene.connect()

    scene.tap.cut()

    assert client.rest() == b""
    with contextlib.suppress(ssl.SSLEOFError):  # the tap says no goodbye by TLS
        assert broker.rest() == b""


def test_the_end_of_each_side_reaches_the_other(scene: Scene) -> None:
    client, broker = scene.connect()
    client.send(*publish(1, b"the last"))
    client.close()
    broker.expect(*publish(1, b"the last"))
    assert broker.rest() == b""
    broker.close()

    client, broker = scene.connect()
    broker.send(*deliver(1, 1, b"the last"))
    broker.close()
    client.expect(*deliver(1, 1, b"the last"))
    assert client.rest() == b""


def test_a_certificate_that_is_not_trusted_refuses_the_client(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(SecretScene, "certificates", certificates, raising=False)
    stranger = partial(Upstream, tls=ssl.create_default_context(), server_hostname="localhost")
    with SecretScene.set_up() as scene:
        monkeypatch.setattr(scene.tap, "_nodes", [stranger("127.0.0.1", scene.listener.getsockname()[1])])
        client = scene.dial()
        plain, _ = scene.listener.accept()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.certificate, certificates.key)
        with contextlib.suppress(OSError), plain:
            context.wrap_socket(plain, server_side=True)

        with pytest.raises(ConnectionResetError):
            client.rest()

        assert "CERTIFICATE_VERIFY_FAILED" in scene.recorder.named("Tap.Refused")[0].note
