"""The options of each command. They are apart from the commands, so that `--help` needs no environment.

This module uses the standard library only.
"""

import argparse
import random
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from .. import COMMAND
from ..programs.run_options import OPTIONS
from .spelling import Parser
from .tap import options as tap

_BROKER = "auto|docker[:IMAGE]|local|cluster[:IMAGE|:local]"


def check() -> Parser:
    """The parser of the suite's own options in `./spec check`. The run reads them with pytest's parser, which
    prints its usage if there is a mistake.
    """
    parser = Parser(prog=f"{COMMAND} check", add_help=False, allow_abbrev=False)
    for option in OPTIONS:
        parser.add_argument(option.name, **option.more)
    return parser


def profile() -> Parser:
    """The parser of `./spec profile`."""
    parser = Parser(
        prog=f"{COMMAND} profile",
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
    writing.add_argument(
        "--broker", default="auto", help=f"the broker for the tryout, as for {COMMAND} check"
    )
    writing.add_argument("--broker-ca", type=Path, metavar="FILE.pem", help=f"as for {COMMAND} check")
    writing.add_argument("--force", action="store_true", help="overwrite an existing file")
    return parser


def pairs() -> Parser:
    """The parser of `./spec pairs`."""
    parser = Parser(
        prog=f"{COMMAND} pairs",
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
        prog=f"{COMMAND} implementations",
        description=(
            "Judges the programs in `implementations/`, pairs them, and writes RESULTS.md there; with quorum "
            "queues, RESULTS-quorum.md."
        ),
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="folders in implementations/, or reference; with names no results are written (default: all)",
    )
    parser.add_argument("--broker", default="auto", metavar=f"{_BROKER}|garagemq")
    parser.add_argument("--queue-type", choices=("classic", "quorum"), default="classic")
    parser.add_argument(
        "--reports",
        type=Path,
        metavar="FOLDER",
        help=f"keep the JSON report of each program there, for {COMMAND} site",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="with --reports: a program whose report is in FOLDER is not judged again",
    )
    return parser


def mutants() -> Parser:
    """The parser of `./spec mutants`."""
    parser = Parser(
        prog=f"{COMMAND} mutants",
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
    parser.add_argument("--seed", type=int, default=random.randrange(10_000), help=f"as for {COMMAND} check")
    parser.add_argument(
        "--clauses",
        nargs="+",
        metavar="ID",
        help="judge each by these clauses only, such as new ones (default: all that its role owes)",
    )
    parser.add_argument(
        "--differing",
        action="store_true",
        help="only those that break other clauses with the other queue type",
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


def cache() -> Parser:
    """The parser of `./spec cache`."""
    parser = Parser(
        prog=f"{COMMAND} cache",
        description="Shows what was fetched once and is kept in the cache folder: environments and RabbitMQ.",
    )
    parser.add_argument(
        "action", nargs="?", choices=("show", "clear"), default="show", help="clear: remove it all"
    )
    return parser


def compare() -> Parser:
    """The parser of `./spec compare`."""
    parser = Parser(
        prog=f"{COMMAND} compare",
        description="Says what changed from one JSON report to another: what newly fails, passes or is not judged.",
        epilog="The exit status is 1 if a MUST is newly broken, and 4 if a file is no report.",
    )
    parser.add_argument("old", type=Path, metavar="OLD.json", help="a report of check --report-json")
    parser.add_argument("new", type=Path, metavar="NEW.json", help="a later one")
    return parser


def forecast() -> Parser:
    """The parser of `./spec forecast`."""
    parser = Parser(
        prog=f"{COMMAND} forecast",
        description="Says what of a program breaks or changes on a later RabbitMQ, by what passed on the wire when "
        "it was judged.",
        epilog="The exit status is 1 if something breaks, and 4 if the file is no report with a forecast.",
    )
    parser.add_argument("report", type=Path, metavar="R.json", help="a report of check --report-json")
    parser.add_argument(
        "--to",
        type=_version,
        metavar="VERSION",
        help="the version of RabbitMQ that you will change to, such as 4.1 (default: all that are known)",
    )
    return parser


def _version(text: str) -> tuple[int, ...]:
    """The first two numbers of a version. Raises ArgumentTypeError if the text is no version."""
    if not re.fullmatch(r"\d{1,4}(\.\d{1,4}){1,2}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no version of RabbitMQ, such as 4.1")
    return tuple(map(int, text.split(".")[:2]))


def judge() -> Parser:
    """The parser of `./spec judge`."""
    parser = Parser(
        prog=f"{COMMAND} judge",
        description="Judges the recorded history of a storm (S02) again, and shows its faults and recoveries.",
        epilog="The exit status is 1 if a promise is broken, and 4 if the file is no history, or is cut off.",
    )
    parser.add_argument(
        "history", type=Path, metavar="HISTORY.jsonl", help="written by check --storm-history"
    )
    return parser


def report() -> Parser:
    """The parser of `./spec report`."""
    parser = Parser(
        prog=f"{COMMAND} report",
        description="Shows a JSON report as one page of HTML, which needs no network and no script.",
        epilog="The exit status is 4 if the file is no report of schema 2, or if nothing can be written.",
    )
    parser.add_argument("report", type=Path, metavar="R.json", help="a report of check --report-json")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE.html", help="where the page is written (default: R.html)"
    )
    parser.add_argument(
        "--pictures",
        type=Path,
        metavar="FOLDER",
        help="write the behaviours that passed, such as round-robin, as SVG files there, in place of a page",
    )
    return parser


def site() -> Parser:
    """The parser of `./spec site`."""
    parser = Parser(
        prog=f"{COMMAND} site",
        description="Makes the pages of a site, which need no network, from the JSON reports of many runs.",
        epilog="The exit status is 4 if a file is no report of schema 2, if two are of the same program, broker "
        "and queue type, or if nothing can be written.",
    )
    parser.add_argument(
        "reports", nargs="+", type=Path, metavar="R.json", help="reports of check --report-json"
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FOLDER", required=True, help="a new folder for the site"
    )
    return parser


PARSERS: Mapping[str, Callable[[], Parser]] = {
    "profile": profile,
    "pairs": pairs,
    "implementations": implementations,
    "mutants": mutants,
    "tap": tap.parser,
    "cache": cache,
    "compare": compare,
    "forecast": forecast,
    "judge": judge,
    "report": report,
    "site": site,
}
"""The parser of each command that has one of its own."""
