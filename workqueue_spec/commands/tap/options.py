"""The options of `./spec tap`. This module uses the standard library only, as `--help` needs no environment."""

import argparse
import ipaddress
import math
import random
from pathlib import Path

from ... import COMMAND
from ..spelling import Parser


def parser() -> Parser:
    """The parser of `./spec tap`."""
    made = Parser(
        prog=f"{COMMAND} tap",
        description="A proxy between programs and a broker: it prints what passes, decoded, and makes faults.",
        epilog="Without a fault, every byte passes as it is. Ctrl-C ends it.",
    )
    made.add_argument(
        "--listen",
        type=_loopback,
        default="5673",
        metavar="[HOST:]PORT",
        help="where programs connect; the host is 127.0.0.1, or another address of this machine's loopback; "
        "port 0 is any free port (5673)",
    )
    made.add_argument(
        "--to",
        default="localhost:5672",
        metavar="HOST:PORT|URL",
        help="the broker; with an amqps:// URL the tap speaks TLS to it; user, password and virtual host in a URL "
        "are not used, since the programs log in (localhost:5672)",
    )
    made.add_argument("--broker-ca", type=Path, metavar="FILE.pem", help=f"as for {COMMAND} check")
    made.add_argument(
        "--pcap",
        type=Path,
        metavar="DIR",
        help="also write what passes to the file tap.pcapng in this folder, for Wireshark",
    )
    shown = made.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="print each event as a line of JSON")
    shown.add_argument("--quiet", action="store_true", help="print only the first lines and the last one")
    faults = made.add_argument_group("faults")
    faults.add_argument(
        "--delay",
        type=_seconds,
        default=0.0,
        metavar="SECONDS",
        help="what is sent arrives later by this time, in its order",
    )
    faults.add_argument(
        "--jitter",
        type=_seconds,
        default=0.0,
        metavar="SECONDS",
        help="adds a random time from 0 to this to the delay of each segment; the order stays",
    )
    faults.add_argument(
        "--bandwidth",
        type=_rate,
        metavar="BYTES_PER_SECOND",
        help="the most that passes on each connection, for each direction by itself",
    )
    faults.add_argument(
        "--cut-after",
        type=_count,
        metavar="BYTES",
        help="reset a connection after exactly that many bytes; both directions are counted together",
    )
    faults.add_argument(
        "--hold",
        action="append",
        default=[],
        metavar="METHOD",
        help="hold back each frame of this method, such as basic.ack, with its message: it never arrives, "
        "while all other frames pass; heartbeat is a method here; may be given more than once",
    )
    faults.add_argument(
        "--direction",
        choices=("client", "broker", "both"),
        default="both",
        help="whose bytes and frames meet the faults: what the client sends, what the broker sends, or both",
    )
    faults.add_argument(
        "--probability",
        type=_probability,
        default=1.0,
        metavar="P",
        help="a new connection meets delay, jitter, bandwidth and cut with this probability, all of them or none; "
        "and each frame of --hold is held back with this probability, on any connection (1)",
    )
    faults.add_argument(
        "--seed", type=int, default=random.randrange(10_000), help="for --jitter and --probability"
    )
    return made


def _loopback(text: str) -> tuple[str, int]:
    """The host and port to listen on."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") if colon else "127.0.0.1"
    host = "127.0.0.1" if host == "localhost" else host
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} has no port from 0 to 65535")
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise argparse.ArgumentTypeError(
            f"{host!r} is no loopback address; the tap listens on 127.0.0.1, ::1 or localhost only, so that no "
            "other machine reaches the broker through it"
        )
    return host, int(port)


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text!r} is no number")
    return number


def _seconds(text: str) -> float:
    number = _number(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"a time of {text} s is negative")
    return number


def _rate(text: str) -> float:
    number = _number(text)
    if number <= 0:
        raise argparse.ArgumentTypeError(f"a bandwidth of {text} bytes per second lets nothing pass")
    return number


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def _probability(text: str) -> float:
    number = _number(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"a probability of {text} is not between 0 and 1")
    return number
