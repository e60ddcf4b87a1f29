"""The command as a process, in front of a socket that plays the broker."""

import contextlib
import json
import signal
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pamqp import commands

from workbench_tests import certificates
from workbench_tests.wiretap import captured
from workbench_tests.wiretap.amqp_bytes import HEARTBEAT, PROTOCOL, ack, publish
from workbench_tests.wiretap.peers import Peer
from workqueue_spec.commands.tap.__main__ import main
from workqueue_spec.timeouts import EVENTUALLY
from workqueue_spec.wiretap import marshal

from .running import Running

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


class Broker:
    """A listening socket that plays the broker."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(EVENTUALLY)
        self.port: int = self.listener.getsockname()[1]

    @contextlib.contextmanager
    def behind(self, *arguments: str) -> Iterator[Running]:
        """A tap in front of it. The tap looks once whether somebody listens here."""
        with Running.begin(self.port, *arguments) as tap:
            self.listener.accept()[0].close()
            yield tap

    def dial(self, tap: Running) -> Peer:
        client = socket.create_connection(("127.0.0.1", tap.port), timeout=EVENTUALLY)
        return Peer(self._stack.enter_context(client))

    def connect(self, tap: Running) -> tuple[Peer, Peer]:
        """A client and this broker with the tap between them."""
        client = self.dial(tap)
        broker, _ = self.listener.accept()
        return client, Peer(self._stack.enter_context(broker))

    def close(self) -> None:
        self._stack.close()
        self.listener.close()


@pytest.fixture
def broker() -> Iterator[Broker]:
    with contextlib.closing(Broker()) as made:
        yield made


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_it_with_status_0_and_nothing_is_left(broker: Broker, number: signal.Signals) -> None:
    with broker.behind() as tap:
        client, server = broker.connect(tap)
        client.send(HEARTBEAT)
        server.expect(HEARTBEAT)
        server.send(ack(1) + ack(2))
        client.expect(ack(1) + ack(2))
        tap.until("basic.ack tag 2")

        assert tap.end(number) == 0

        assert tap.lines[-2].endswith("tap.cut FIN")
        assert tap.lines[-1] == (
            f"ended: 1 connection, 3 frames, {len(HEARTBEAT)} bytes from clients, "
            f"{len(ack(1) + ack(2))} bytes from the broker"
        )
        assert client.rest() == server.rest() == b""
        with pytest.raises(ConnectionRefusedError):
            broker.dial(tap)


def test_each_event_is_a_line(broker: Broker) -> None:
    with broker.behind() as tap:
        client, server = broker.connect(tap)
        start_ok = marshal(commands.Connection.StartOk({}, "PLAIN", "\0me\0s3cret", "en_US"), 0)
        sent = [PROTOCOL, start_ok, *publish(1, b"a \x1b[2J task"), HEARTBEAT]
        client.send(*sent)
        server.expect(*sent)
        client.close()
        tap.until("tap.disconnected closed by the client")

        assert tap.end(signal.SIGINT) == 0
        shown = [line[10:].split(maxsplit=1)[1].strip() for line in tap.lines[2:-1]]
        assert shown[:5] == [
            "-> protocolheader",
            "-> connection.start-ok mechanism=PLAIN",
            "ch 1  -> basic.publish routing-key=task_queue persistent 'a \\x1b[2J task' (11 bytes)",
            "-> heartbeat",
            "tap.disconnected closed by the client",
        ]
        assert "s3cret" not in "".join(tap.lines)


def test_json_is_all_that_is_printed_with_json(broker: Broker) -> None:
    with broker.behind("--json") as tap:
        client, _ = broker.connect(tap)
        client.send(ack(1))
        tap.until("Basic.Ack")
        client.close()
        assert tap.end(signal.SIGTERM) == 0

    data = [json.loads(line) for line in tap.lines]
    assert data[0] == data[0] | {"name": "listening", "host": "127.0.0.1", "port": tap.port}
    assert data[2] == data[2] | {
        "name": "Basic.Ack",
        "sender": "client",
        "fields": {"delivery_tag": 1, "multiple": False},
    }
    assert data[-1] == {
        "name": "ended",
        "connections": 1,
        "frames": 1,
        "bytes_from_clients": len(ack(1)),
        "bytes_from_broker": 0,
    }


def test_quiet_prints_no_events(broker: Broker) -> None:
    with broker.behind("--quiet") as tap:
        client, server = broker.connect(tap)
        client.send(HEARTBEAT)
        server.expect(HEARTBEAT)
        assert tap.end(signal.SIGTERM) == 0
    assert len(tap.lines) == 2
    assert tap.lines[-1].startswith("ended: 1 connection, 1 frame, ")


def test_it_lives_on_if_the_broker_goes_away_and_comes_back(broker: Broker) -> None:
    with broker.behind() as tap:
        broker.listener.close()
        with contextlib.suppress(ConnectionResetError):
            assert broker.dial(tap).rest() == b""
        assert "tap.refused" in tap.until("#1")

        broker.listener = socket.create_server(("127.0.0.1", broker.port))
        broker.listener.settimeout(EVENTUALLY)
        client, server = broker.connect(tap)
        client.send(HEARTBEAT)
        server.expect(HEARTBEAT)
        assert "#2" in tap.until("-> heartbeat")
        assert tap.end(signal.SIGTERM) == 0


def test_it_ends_if_nobody_reads_its_lines(broker: Broker) -> None:
    with broker.behind() as tap:
        assert tap.process.stdout is not None
        tap.process.stdout.close()
        client, _ = broker.connect(tap)
        client.send(HEARTBEAT)
        assert tap.process.wait(EVENTUALLY) == 0
        assert tap.process.stderr is not None
        assert tap.process.stderr.read() == ""


# Faults


def test_a_connection_is_reset_after_some_bytes_and_the_next_one_too(broker: Broker) -> None:
    with broker.behind("--cut-after", "30", "--direction", "client") as tap:
        for number in (1, 2):
            client, server = broker.connect(tap)
            server.send(ack(1) + ack(2))
            client.expect(ack(1) + ack(2))
            client.send(ack(3))
            server.expect(ack(3))
            client.send(ack(4))
            with pytest.raises(ConnectionResetError):
                client.rest()
            assert f"#{number} " in tap.until("tap.noted cut after 30 bytes")
            tap.until("tap.cut RST")
        assert tap.end(signal.SIGTERM) == 0
    assert tap.lines[1] == "faults in what the client sends: a cut after 30 bytes"


def test_a_frame_is_held_back_and_all_others_pass(broker: Broker) -> None:
    with broker.behind("--hold", "basic.ack", "--direction", "client") as tap:
        client, server = broker.connect(tap)
        client.send(ack(7), HEARTBEAT)
        server.expect(HEARTBEAT)
        server.send(ack(8))
        client.expect(ack(8))
        assert tap.until("tap.noted").endswith("ch 1  tap.noted held back from the client: Basic.Ack tag 7")
        client.close()
        assert server.rest() == b""
        assert tap.end(signal.SIGTERM) == 0


def test_delay_and_bandwidth_take_their_time(broker: Broker) -> None:
    sent = ack(1) * 10
    with broker.behind("--delay", "0.2", "--bandwidth", "1000", "--direction", "client", "--quiet") as tap:
        client, server = broker.connect(tap)
        began = time.monotonic()
        client.send(sent)
        server.expect(sent)
        assert time.monotonic() - began >= 0.2 + len(sent) / 1000
        assert tap.end(signal.SIGTERM) == 0


def test_what_is_delayed_has_the_time_when_it_passed(broker: Broker) -> None:
    with broker.behind("--delay", "0.3", "--jitter", "0.1", "--json") as tap:
        client, server = broker.connect(tap)
        client.send(HEARTBEAT)
        server.expect(HEARTBEAT)
        event = json.loads(tap.until("Heartbeat"))
        assert event["at"] - event["arrived"] >= 0.3
        assert tap.end(signal.SIGTERM) == 0
    assert json.loads(tap.lines[0])["faults"] == ["a delay of 0.3 to 0.4 s"]


# TLS


class TlsEcho:
    """A server that speaks TLS and sends back what it gets."""

    def __init__(self, made: certificates.Certificates) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(made.certificate, made.key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                plain, _ = self._listener.accept()
                with (
                    contextlib.suppress(OSError),
                    self._context.wrap_socket(plain, server_side=True) as served,
                ):
                    while data := served.recv(4096):
                        served.sendall(data)

    def close(self) -> None:
        self._listener.close()


def test_it_speaks_tls_to_the_broker(tmp_path: Path) -> None:
    made = certificates.made_in(tmp_path)
    with contextlib.closing(TlsEcho(made)) as broker:
        url = f"amqps://someone:s3cret@localhost:{broker.port}"
        with Running.begin(broker.port, "--to", url, "--broker-ca", str(made.ca)) as tap:
            client = Peer(socket.create_connection(("127.0.0.1", tap.port), timeout=EVENTUALLY))
            client.send(HEARTBEAT)
            client.expect(HEARTBEAT)
            client.close()
            tap.until("<- heartbeat")
            assert tap.end(signal.SIGTERM) == 0
        assert f"forwarding to localhost:{broker.port} with TLS;" in tap.lines[0]
        assert "s3cret" not in "".join(tap.lines)


def test_a_certificate_that_is_not_trusted_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with contextlib.closing(TlsEcho(certificates.made_in(tmp_path))) as broker:
        assert main(["--listen", "0", "--to", f"amqps://localhost:{broker.port}"]) == 3
    assert f"The certificate of the broker at localhost:{broker.port} with TLS is not trusted" in (
        capsys.readouterr().err
    )


def test_what_passes_is_also_a_file_for_wireshark(broker: Broker, tmp_path: Path) -> None:
    start_ok = commands.Connection.StartOk({}, "PLAIN", "\0guest\0s3cret", "en_US")
    with broker.behind("--pcap", str(tmp_path / "new")) as tap:
        client, server = broker.connect(tap)
        login = marshal(start_ok, 0)
        client.send(PROTOCOL, login)
        server.expect(PROTOCOL, login)
        server.send(HEARTBEAT)
        client.expect(HEARTBEAT)
        assert tap.end(signal.SIGINT) == 0
    file = captured.read(tmp_path / "new" / "tap.pcapng")
    (address,) = file.clients()
    assert file.sent(address) == PROTOCOL + login.replace(b"\0guest\0s3cret", b"*" * 13)
    assert file.sent(("127.0.0.1", 5672)) == HEARTBEAT
    assert file.packets[0].comment.startswith("client, connection 1, from 127.0.0.1:")
