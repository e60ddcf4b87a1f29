"""What is written for Wireshark."""

import errno
import os
import socket
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands

from workqueue_spec.wiretap import Capture, Side, marshal, with_heartbeat
from workqueue_spec.wiretap.capture.logins import Logins
from workqueue_spec.wiretap.capture.tcp import MOST_IN_A_PACKET

from .amqp_bytes import GARBAGE, HEARTBEAT, PROTOCOL, ack, deliver, publish
from .captured import ACK, FIN, RST, SYN, File, read
from .peers import Scene

PASSWORD = "s3cret-pässword"
BROKER = ("127.0.0.1", 5672)


def start_ok(mechanism: str = "PLAIN", response: str = f"\0guest\0{PASSWORD}") -> bytes:
    return marshal(commands.Connection.StartOk({"product": "p"}, mechanism, response, "en_US"), 0)


TUNE_OK = marshal(commands.Connection.TuneOk(10, 131072, 60), 0)
SECURE_OK = marshal(commands.Connection.SecureOk(PASSWORD), 0)
UPDATE_SECRET = marshal(commands.Connection.UpdateSecret(PASSWORD, "it expires"), 0)


class RecordedScene(Scene):
    """A scene whose tap writes a file."""

    def __init__(self, stack: ExitStack, file: Path, most: int | None = None) -> None:
        super().__init__(stack)
        self.capture = Capture(file, most)
        self.tap = self.loop_thread.tap(self.upstream, self.recorder, recorder=self.capture.party("worker 1"))
        self._file = file

    def end(self) -> File:
        """Closes the tap. Returns what was written."""
        self.tap.close()
        self.capture.close()
        return read(self._file)


def recorded(stack: ExitStack, folder: Path, most: int | None = None) -> RecordedScene:
    return RecordedScene(stack, folder / "seen.pcapng", most)


def flags(file: File) -> list[tuple[int, int]]:
    """The port and the flags of each packet without data."""
    return [(packet.source[1], packet.flags) for packet in file.packets if not packet.data]


class TestOnAConnection:
    def test_each_connection_is_a_stream_with_its_handshake_its_bytes_and_its_end(
        self, tmp_path: Path
    ) -> None:
        before = time.time_ns()
        with ExitStack() as stack:
            scene = recorded(stack, tmp_path)
            for number in (1, 2):
                client, broker = scene.connect()
                client.send(PROTOCOL)
                broker.expect(PROTOCOL)
                broker.send(HEARTBEAT)
                client.expect(HEARTBEAT)
                client.close()
                scene.recorder.named("Tap.Disconnected", number)
                broker.close()
            scene.recorder.until(lambda _: not scene.tap.connections)
            file = scene.end()
        assert file.clients() == [("127.0.0.2", 10001), ("127.0.0.2", 10002)]
        assert [file.sent(client) for client in file.clients()] == [PROTOCOL] * 2
        assert file.sent(BROKER) == HEARTBEAT * 2
        first = [packet for packet in file.packets if 10001 in (packet.source[1], packet.target[1])]
        assert [(p.source[1], p.flags) for p in first[:3]] == [(10001, SYN), (5672, SYN | ACK), (10001, ACK)]
        assert (10001, FIN | ACK) in flags(file)
        assert (5672, FIN | ACK) in flags(file)
        assert not any(packet.flags & RST for packet in file.packets)
        assert first[0].comment.startswith("worker 1, connection 1, from 127.0.0.1:")
        assert file.names == {"127.0.0.1": "broker", "127.0.0.2": "worker-1"}
        assert before <= file.packets[0].at <= file.packets[-1].at <= time.time_ns()

    def test_what_the_tap_changes_is_seen_as_the_program_saw_it(self, tmp_path: Path) -> None:
        tune = marshal(commands.Connection.Tune(10, 131072, 60), 0)
        with ExitStack() as stack:
            scene = recorded(stack, tmp_path)
            scene.tap.rewrite(with_heartbeat(1))
            scene.tap.hold("Basic.Ack", Side.CLIENT)
            client, broker = scene.connect()
            broker.send(tune)
            changed = client.receive(len(tune))
            client.send(ack(7), HEARTBEAT)
            broker.expect(HEARTBEAT)
            file = scene.end()
        assert changed != tune
        assert file.sent(BROKER) == changed
        assert file.sent(file.clients()[0]) == ack(7) + HEARTBEAT

    @pytest.mark.parametrize("by", ["client", "tap", "broker"])
    def test_a_cut_connection_ends_with_a_reset(self, tmp_path: Path, by: str) -> None:
        with ExitStack() as stack:
            scene = recorded(stack, tmp_path)
            client, broker = scene.connect()
            broker.send(HEARTBEAT)
            client.expect(HEARTBEAT)
            if by == "tap":
                scene.tap.cut(reset=True)
            else:
                (client if by == "client" else broker).close(reset=True)
                scene.recorder.named("Tap.Disconnected")
            scene.recorder.until(lambda _: not scene.tap.connections)
            file = scene.end()
        sender = 10001 if by == "client" else 5672
        assert flags(file)[3:] == [(sender, RST | ACK)]

    def test_a_login_is_hidden_although_the_broker_ends_before_it_has_come(self, tmp_path: Path) -> None:
        with ExitStack() as stack:
            scene = recorded(stack, tmp_path)
            client, broker = scene.connect()
            client.send(PROTOCOL, start_ok()[:5])
            broker.expect(PROTOCOL, start_ok()[:5])
            broker.socket.shutdown(socket.SHUT_WR)
            assert client.rest() == b""
            client.send(start_ok()[5:])
            broker.expect(start_ok()[5:])
            file = scene.end()
        shown = file.sent(file.clients()[0])
        assert len(shown) == len(PROTOCOL + start_ok())
        assert b"s3cret" not in shown

    def test_a_black_hole_swallows_what_the_file_shows(self, tmp_path: Path) -> None:
        with ExitStack() as stack:
            scene = recorded(stack, tmp_path)
            client, broker = scene.connect()
            scene.tap.black_hole()
            client.send(HEARTBEAT)
            client.close()
            scene.recorder.named("Tap.Disconnected")
            assert broker.hears_nothing()
            file = scene.end()
        assert file.sent(("127.0.0.2", 10001)) == HEARTBEAT

    def test_a_refused_connection_is_reset(self, tmp_path: Path) -> None:
        with ExitStack() as stack:
            scene = recorded(stack, tmp_path)
            scene.listener.close()
            with pytest.raises(ConnectionResetError):  # in the midst of connect(), if the tap is quick
                scene.dial().receive(1)
            scene.recorder.named("Tap.Refused")
            file = scene.end()
        assert [each for _, each in flags(file)] == [SYN, SYN | ACK, ACK, RST | ACK]

    def test_a_large_message_has_packets_of_a_legal_size_and_is_acknowledged(self, tmp_path: Path) -> None:
        pieces = [bytes([number]) * 130_000 for number in range(40)]
        raws = deliver(1, 1, *pieces)
        with ExitStack() as stack:
            scene = recorded(stack, tmp_path)
            client, broker = scene.connect()
            sending = threading.Thread(target=broker.send, args=raws, daemon=True)
            sending.start()
            client.expect(*raws)
            sending.join()
            file = scene.end()
        assert file.sent(BROKER) == b"".join(raws)
        assert max(len(packet.data) for packet in file.packets) <= MOST_IN_A_PACKET
        pure = [packet for packet in file.packets if packet.source != BROKER and packet.flags == ACK]
        assert len(pure) > 3

    def test_the_file_ends_with_a_comment_if_more_passes_than_it_may_hold(self, tmp_path: Path) -> None:
        with ExitStack() as stack:
            scene = recorded(stack, tmp_path, most=20_000)
            client, broker = scene.connect()
            raw = b"".join(publish(1, b"x" * 5000))
            for _ in range(10):
                client.send(raw)
                broker.expect(raw)
            file = scene.end()
        assert file.packets[-1].comment == "the file ends here: it has 20000 bytes, and more passed"
        assert (tmp_path / "seen.pcapng").stat().st_size < 20_000 + 70_000

    def test_a_full_disk_does_not_disturb_the_connection(self, tmp_path: Path) -> None:
        with ExitStack() as stack:
            scene = recorded(stack, tmp_path)
            client, broker = scene.connect()
            scene.capture._out = _Full()  # type: ignore[assignment]
            client.send(PROTOCOL)
            broker.expect(PROTOCOL)
            broker.send(HEARTBEAT)
            client.expect(HEARTBEAT)
            scene.tap.close()
            assert scene.capture.failure == os.strerror(errno.ENOSPC)


class _Full:
    def write(self, block: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self) -> None:
        pass


class TestLogins:
    @given(st.data())
    def test_however_the_bytes_arrive_the_login_is_hidden_and_all_else_is_as_it_was(
        self, data: st.DataObject
    ) -> None:
        raw = b"".join(
            [PROTOCOL, start_ok(), SECURE_OK, TUNE_OK, *publish(1, b"body"), UPDATE_SECRET, HEARTBEAT]
        )
        logins, shown, rest = Logins(), b"", raw
        while rest:
            size = data.draw(st.integers(1, len(rest)))
            shown += logins.hide(rest[:size])
            rest = rest[size:]
        response = f"\0guest\0{PASSWORD}".encode()
        expected = raw.replace(response, b"*" * len(response)).replace(
            PASSWORD.encode(), b"*" * len(PASSWORD.encode())
        )
        assert shown + logins.rest() == expected

    def test_amqplain_is_hidden_too(self) -> None:
        raw = start_ok("AMQPLAIN", f"\x05LOGINS\0\0\0\x05guest\x08PASSWORDS\0\0\0\x06{PASSWORD}")
        shown = Logins().hide(raw)
        assert len(shown) == len(raw)
        assert PASSWORD.encode() not in shown
        assert b"guest" not in shown

    @pytest.mark.parametrize(
        "raw",
        [
            start_ok()[:-20],
            start_ok()[:-1] + b"\xff",
            start_ok().replace(b"\x05PLAIN", b"\xffPLAIN"),
            start_ok()[:11] + b"\x7f" + start_ok()[12:],
            start_ok()[:3] + b"\xff\xff\xff\xff" + start_ok()[7:],
            start_ok()[:3] + b"\x00\x00\x00\x10" + start_ok()[7:],
            b"AMQP" + start_ok(),
            b"\xff" + start_ok(),
        ],
        ids=["unfinished", "end", "mechanism", "table", "too large", "too small", "protocol", "kind"],
    )
    def test_a_broken_login_is_hidden_as_a_whole(self, raw: bytes) -> None:
        logins = Logins()
        shown = logins.hide(raw[:30]) + logins.hide(raw[30:]) + logins.rest() + logins.hide(b"secret")
        assert PASSWORD.encode()[:6] not in shown

    @pytest.mark.parametrize("garbage", [each for each in GARBAGE if not each.startswith(b"AMQ")])
    def test_what_is_no_amqp_is_shown_after_the_login(self, garbage: bytes) -> None:
        logins = Logins()
        before = PROTOCOL + start_ok() + TUNE_OK
        shown = logins.hide(before) + logins.hide(garbage) + logins.rest()
        assert shown[len(before) :] == garbage


def test_an_old_file_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "seen.pcapng"
    file.write_text("old")
    Capture(file).close()
    assert read(file).packets == []
