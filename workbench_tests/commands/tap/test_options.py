"""What the command line means, and which sentence answers a mistake."""

import random
import socket
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from workbench_tests import certificates
from workqueue_spec.commands.tap import options
from workqueue_spec.commands.tap.__main__ import main
from workqueue_spec.commands.tap.faults import Faults
from workqueue_spec.errors import SetupError
from workqueue_spec.wiretap import LinkFault, Side, Tap


def faults(*arguments: str) -> Faults:
    return Faults.asked_for(options.parser().parse_args(arguments))


class FakeTap:
    """Takes the faults."""

    def __init__(self) -> None:
        self.choose: Callable[[int], LinkFault | None] = lambda _: None
        self.holds: list[tuple[str, Side]] = []
        self.chances: list[Callable[[], bool]] = []

    def link_fault(self, choose: Callable[[int], LinkFault | None]) -> None:
        self.choose = choose

    def hold(self, name: str, sender: Side, *, chance: Callable[[], bool]) -> None:
        self.holds.append((name, sender))
        self.chances.append(chance)


def installed(*arguments: str) -> FakeTap:
    tap = FakeTap()
    faults(*arguments).install(cast("Tap", tap))
    return tap


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("5673", ("127.0.0.1", 5673)),
        ("localhost:1", ("127.0.0.1", 1)),
        ("127.0.0.2:0", ("127.0.0.2", 0)),
        ("[::1]:5673", ("::1", 5673)),
    ],
)
def test_where_the_tap_listens(text: str, means: tuple[str, int]) -> None:
    assert options.parser().parse_args(["--listen", text]).listen == means


def test_by_default_it_stands_beside_the_usual_port_and_makes_no_fault() -> None:
    given = options.parser().parse_args([])
    assert (given.listen, given.to) == (("127.0.0.1", 5673), "localhost:5672")
    tap = installed()
    assert (tap.choose(1), tap.holds) == (None, [])
    assert faults().in_a_sentence() == ""


NOT_LOOPBACK = "no loopback address; the tap listens on 127.0.0.1, ::1 or localhost only"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--listen", "0.0.0.0:5673"], f"argument --listen: '0.0.0.0' is {NOT_LOOPBACK}"),
        (["--listen", "example.org:5673"], f"argument --listen: 'example.org' is {NOT_LOOPBACK}"),
        (["--listen", ":5673"], f"argument --listen: '' is {NOT_LOOPBACK}"),
        (["--listen", "65536"], "argument --listen: '65536' has no port from 0 to 65535."),
        (["--listen", "localhost"], "argument --listen: 'localhost' has no port from 0 to 65535."),
        (["--delay", "-1"], "argument --delay: a time of -1 s is negative."),
        (["--jitter", "nan"], "argument --jitter: 'nan' is no number."),
        (["--delay", "inf"], "argument --delay: 'inf' is no number."),
        (["--delay", "soon"], "argument --delay: 'soon' is no number."),
        (["--bandwidth", "0"], "argument --bandwidth: a bandwidth of 0 bytes per second lets nothing pass."),
        (["--cut-after", "0"], "argument --cut-after: '0' is no whole number from 1 on."),
        (["--cut-after", "1.5"], "argument --cut-after: '1.5' is no whole number from 1 on."),
        (["--probability", "1.1"], "argument --probability: a probability of 1.1 is not between 0 and 1."),
        (["--direction", "brokr"], "--direction cannot be 'brokr'; did you mean broker?"),
        (["--hodl", "basic.ack"], "there is no option --hodl; did you mean --hold?"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"spec: {says}")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["--hold", "basic.akc"],
            "--hold needs a method of AMQP 0-9-1, and 'basic.akc' is none; did you mean basic.ack?",
        ),
        (
            ["--hold", "\x1bzzz"],
            "--hold needs a method of AMQP 0-9-1, and '\\x1bzzz' is none, such as basic.ack or heartbeat.",
        ),
        (
            ["--probability", "0.5"],
            "--probability decides about faults, and none is asked for; add --delay, --jitter, --bandwidth, "
            "--cut-after or --hold.",
        ),
        (
            ["--to", "http://localhost"],
            "--to needs HOST:PORT or an AMQP URL. The broker's URL must begin with amqp:// or amqps://.",
        ),
        (
            ["--to", "localhost:port"],
            "--to needs HOST:PORT or an AMQP URL. The broker's URL has an invalid host or port.",
        ),
        (
            ["--broker-ca", "ca.pem"],
            "--broker-ca is for a broker at an amqps:// URL only; leave it out, or change --to.",
        ),
        (
            ["--to", "amqps://localhost", "--broker-ca", "/nowhere/ca.pem"],
            "--broker-ca /nowhere/ca.pem cannot be used (No such file or directory); name a file of "
            "certificates as PEM.",
        ),
        (["--pcap", "/dev/null"], "--pcap /dev/null cannot be made (File exists); name a folder."),
        (["--pcap", "/dev/null/x"], "--pcap /dev/null/x cannot be made (Not a directory); name a folder."),
    ],
)
def test_what_cannot_be_done_is_told_in_one_sentence(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 4
    assert capsys.readouterr() == ("", f"spec: {says}\n")


def test_without_a_broker_it_does_not_begin(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, and not listening
        port = nobody.getsockname()[1]
        assert main(["--listen", "0", "--to", f"amqp://someone:s3cret@127.0.0.1:{port}"]) == 3
    assert capsys.readouterr() == (
        "",
        f"spec: No broker answers at 127.0.0.1:{port} (Connection refused); start it first, or name another one "
        "with --to.\n",
    )


def test_a_port_that_is_taken_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as broker:
        port = broker.getsockname()[1]
        assert main(["--listen", str(port), "--to", f"127.0.0.1:{port}"]) == 3
    assert capsys.readouterr() == (
        "",
        f"spec: The tap cannot listen on 127.0.0.1:{port} (Address already in use); choose another port with "
        "--listen.\n",
    )


def test_a_file_without_a_certificate_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "ca.pem"
    empty.write_text("no certificate")
    assert main(["--to", "amqps://localhost", "--broker-ca", str(empty)]) == 4
    assert "cannot be used (it holds no certificate as PEM)" in capsys.readouterr().err


def test_a_broker_that_speaks_no_tls_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    made = certificates.made_in(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as broker:
        port = broker.getsockname()[1]
        # The kernel accepts the connection, nobody answers it, and its end is no TLS.
        client = socket.create_connection(("127.0.0.1", port))
        served, _ = broker.accept()
        client.close()
        served.close()
        broker.close()
        assert main(["--to", f"amqps://localhost:{port}", "--broker-ca", str(made.ca)]) == 3
    assert f"localhost:{port} with TLS" in capsys.readouterr().err


@pytest.mark.parametrize(
    "word", ["Basic.ConsumeOk", "basic.consume-ok", "basic.consumeok", "BASIC.CONSUME_OK"]
)
def test_a_method_may_be_written_as_in_a_line_or_as_in_the_protocol(word: str) -> None:
    assert faults("--hold", word).held == ("Basic.ConsumeOk",)


def test_methods_are_held_on_the_sides_that_are_asked_for() -> None:
    arguments = ["--hold", "basic.ack", "--hold", "heartbeat", "--hold", "Basic.Ack"]
    assert set(installed(*arguments).holds) == {
        (name, side) for name in ("Basic.Ack", "Heartbeat") for side in Side
    }
    assert installed(*arguments, "--direction", "broker").holds == [
        ("Basic.Ack", Side.BROKER),
        ("Heartbeat", Side.BROKER),
    ]


def test_a_link_fault_has_what_was_asked_for() -> None:
    fault = installed(
        *(
            "--delay",
            "1",
            "--jitter",
            "0.5",
            "--bandwidth",
            "100",
            "--cut-after",
            "9",
            "--direction",
            "client",
        )
    ).choose(1)
    assert fault is not None
    assert fault.senders == {Side.CLIENT}
    assert (fault.bandwidth, fault.cut_after, fault.note) == (100, 9, "")
    assert fault.delay is not None
    delays = [fault.delay() for _ in range(100)]
    assert all(1 <= each <= 1.5 for each in delays)
    assert max(delays) - min(delays) > 0.3


def test_the_seed_decides_which_connections_and_frames_meet_the_faults() -> None:
    arguments = ("--cut-after", "9", "--hold", "basic.ack", "--probability", "0.5", "--seed")

    def draws(seed: str) -> tuple[list[bool], list[bool]]:
        tap = installed(*arguments, seed)
        chosen = [tap.choose(number) is not None for number in range(200)]
        return chosen, [tap.chances[0]() for _ in range(200)]

    assert draws("1") == draws("1")
    assert draws("1") != draws("2")
    for drawn in draws("1"):
        assert 60 < sum(drawn) < 140


@pytest.mark.parametrize(("probability", "met"), [("0", False), ("1", True)])
def test_certain_and_impossible_faults(probability: str, met: bool) -> None:
    tap = installed("--delay", "1", "--hold", "basic.ack", "--probability", probability)
    assert {tap.choose(number) is not None for number in range(100)} == {met}
    assert {chance() for chance in tap.chances for _ in range(100)} == {met}


def test_only_a_connection_that_may_meet_no_fault_is_told_that_it_meets_them() -> None:
    fault = installed("--delay", "1", "--probability", "0.999").choose(random.Random(1).randrange(9))
    assert fault is not None
    assert fault.note == "this connection meets the faults"


def test_the_faults_in_a_sentence() -> None:
    assert (
        faults("--delay", "0.5").in_a_sentence()
        == "faults in what the client and the broker send: a delay of 0.5 s"
    )
    assert (
        faults(
            *(
                "--delay",
                "1",
                "--jitter",
                "0.5",
                "--bandwidth",
                "100",
                "--cut-after",
                "9",
                "--hold",
                "basic.ack",
            ),
            *("--direction", "client", "--probability", "0.5", "--seed", "7"),
        ).in_a_sentence()
        == "faults in what the client sends: a delay of 1 to 1.5 s, 100 bytes per second, a cut after 9 bytes, "
        "Basic.Ack held back, with probability 0.5; seed 7"
    )


def test_a_method_that_is_none_raises() -> None:
    with pytest.raises(SetupError):
        faults("--hold", "")
