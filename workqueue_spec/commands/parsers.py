"""The options of each command. They are apart from the commands, so that `--help` needs no environment.

This module uses the standard library only.
"""

import argparse
import ipaddress
import math
import random
from collections.abc import Callable, Mapping
from pathlib import Path

from .spelling import Parser

_BROKER = "auto|docker[:IMAGE]|local"


def profile() -> Parser:
    """The parser of `./spec profile`."""
    parser = Parser(
        prog="./spec profile",
        description="Reports the mistakes in a profile, or tries out a program and writes its profile.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="check|init")
    checking = commands.add_parser("check", help="report a profile's mistakes, and do its install steps")
    checking.add_argument("file", type=Path, metavar="FILE.toml")
    writing = commands.add_parser("init", help="try out a program, and write its profile from what was seen")
    writing.add_argument("file", type=Path, metavar="FILE.toml", nargs="?", default=Path("profile.toml"))
    writing.add_argument("--producer", metavar="CMD", help="the command as you type it here (default: ask)")
    writing.add_argument("--worker", metavar="CMD", help="the command as you type it here (default: ask)")
    writing.add_argument("--name", help="the program's name (default: the folder's name)")
    writing.add_argument("--broker", default="auto", help="the broker for the tryout, as for ./spec check")
    writing.add_argument("--broker-ca", type=Path, metavar="FILE.pem", help="as for ./spec check")
    writing.add_argument("--force", action="store_true", help="overwrite an existing file")
    return parser


def pairs() -> Parser:
    """The parser of `./spec pairs`."""
    parser = Parser(
        prog="./spec pairs",
        description="Runs each producer with each worker, and says who understands whom.\n\n"
        "Each program is a profile, a folder with a `profile.toml`, the name of a folder in `implementations/`,\n"
        "or `reference`.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("programs", nargs="+", metavar="PROGRAM")
    parser.add_argument("--broker", default="auto", metavar=_BROKER, help="where the broker comes from")
    parser.add_argument(
        "--queue-type", choices=("classic", "quorum"), default="classic", help="for programs that obey"
    )
    parser.add_argument("--report-json", metavar="FILE", type=Path, help="write the pairs as JSON")
    return parser


def implementations() -> Parser:
    """The parser of `./spec implementations`."""
    parser = Parser(
        prog="./spec implementations",
        description="Judges the programs in `implementations/`, pairs them, and writes RESULTS.md there.",
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="folders in implementations/, or reference; with names RESULTS.md is left as it is (default: all)",
    )
    parser.add_argument("--broker", default="auto", metavar=_BROKER)
    parser.add_argument("--queue-type", choices=("classic", "quorum"), default="classic")
    return parser


def mutants() -> Parser:
    """The parser of `./spec mutants`."""
    parser = Parser(
        prog="./spec mutants",
        description="Shows that every check can fail, and that no check fails a program that keeps its promises.",
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="mutants to run, or folders: workers, producers, brokers, equivalents (default: all)",
    )
    parser.add_argument("--broker", default="auto", metavar=_BROKER, help="where the brokers come from")
    parser.add_argument("--queue-type", choices=("classic", "quorum"), default="classic")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000), help="as for ./spec check")
    parser.add_argument(
        "--clauses",
        nargs="+",
        metavar="ID",
        help="judge each by these clauses only, such as new ones (default: all that its role owes)",
    )
    parser.add_argument(
        "--sample",
        type=int,
        metavar="N",
        help="judge each by the clauses that it breaks and by N others (default: all that its role owes)",
    )
    parser.add_argument(
        "--side-by-side",
        type=int,
        metavar="N",
        default=6,
        help="how many mutants run at once, each with a broker of its own (6)",
    )
    parser.add_argument(
        "--report-json",
        metavar="FILE",
        type=Path,
        default=Path("mutants.json"),
        help="where the matrix is written as JSON (mutants.json)",
    )
    return parser


def tap() -> Parser:
    """The parser of `./spec tap`."""
    parser = Parser(
        prog="./spec tap",
        description="A proxy between programs and a broker: it prints what passes, decoded, and makes faults.",
        epilog="Without a fault, every byte passes as it is. Ctrl-C ends it.",
    )
    parser.add_argument(
        "--listen",
        type=_loopback,
        default="5673",
        metavar="[HOST:]PORT",
        help="where programs connect; the host is 127.0.0.1, or another address of this machine's loopback; "
        "port 0 is any free port (5673)",
    )
    parser.add_argument(
        "--to",
        default="localhost:5672",
        metavar="HOST:PORT|URL",
        help="the broker; with an amqps:// URL the tap speaks TLS to it; user, password and virtual host in a URL "
        "are not used, since the programs log in (localhost:5672)",
    )
    parser.add_argument("--broker-ca", type=Path, metavar="FILE.pem", help="as for ./spec check")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="print each event as a line of JSON")
    shown.add_argument("--quiet", action="store_true", help="print only the first lines and the last one")
    faults = parser.add_argument_group("faults")
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
    return parser


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


PARSERS: Mapping[str, Callable[[], Parser]] = {
    "profile": profile,
    "pairs": pairs,
    "implementations": implementations,
    "mutants": mutants,
    "tap": tap,
}
"""The parser of each command that has one of its own."""
