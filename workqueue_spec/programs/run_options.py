"""The options of `./spec check`, as data: pytest learns them from here, and so does a help that needs no pytest.

This module uses the standard library only, since `./spec check --help` works before there is an environment.
"""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import COMMAND
from ..errors import SetupError

MOST_PROCESSES = 32
"""The most tests side by side. More of them wait for the machine, and not for the programs."""
DEFAULT_CHAOS = 10.0
"""Seconds of faults, if nothing else is asked for: each kind of fault strikes once."""
LONGEST_CHAOS = 86_400.0
"""The most seconds of faults: a day."""

MOST_EXAMPLES = 100_000
"""The most examples for the model."""


@dataclass(frozen=True)
class Option:
    """An option with its value's name, its sentence, and what argparse and pytest must know of it besides."""

    name: str
    metavar: str
    help: str
    more: Mapping[str, Any] = field(default_factory=dict)


OPTIONS = (
    Option("--producer", "CMD", "the producer under test (default: the reference)"),
    Option(
        "--service",
        "CMD",
        "the producer under test is this service; --producer is then the command that asks it for one task",
    ),
    Option("--worker", "CMD", "the worker under test (default: the reference)"),
    Option("--implementation", "FILE.toml", "the program under test, from a profile", {"type": Path}),
    Option("--seconds-per-dot", "S", "what one dot in a task takes in that program", {"type": float}),
    Option("--prefetch", "N", "the most tasks that the worker holds at once (default: 1)", {"type": int}),
    Option(
        "--concurrency",
        "N",
        "the most tasks that the worker works on at once, at most its prefetch (default: 1)",
        {"type": int},
    ),
    Option(
        "--broker",
        "auto|docker[:IMAGE]|local|cluster[:IMAGE|:local]|garagemq|URL[,URL...]|env:NAME",
        "where the broker comes from (default: auto, a container or else a local node); cluster: three nodes in "
        "containers or else on this machine; URL,URL,URL: the nodes of a cluster that is there; env:NAME: the URL "
        "or URLs that the environment variable NAME holds",
        {"default": "auto"},
    ),
    Option(
        "--broker-ca",
        "FILE.pem",
        "the certificates to trust for amqps:// (default: those of the system, or of SSL_CERT_FILE)",
        {"type": Path},
    ),
    Option(
        "--queue-type",
        "classic|quorum",
        "for the suite's own queues and the reference (default: the profile's, else quorum on a "
        "cluster, else classic)",
        {"choices": ("classic", "quorum")},
    ),
    Option(
        "--class",
        "core|production",
        "which clauses; production holds core too, and is the default",
        {"dest": "clause_class", "choices": ("core", "production"), "default": "production"},
    ),
    Option(
        "--spec",
        "EDITION",
        "judge by the clauses of this edition of the specification alone, such as 1.0; clauses that are new or "
        "reworded since are shown and do not count (default: all clauses of today)",
        {"dest": "edition"},
    ),
    Option(
        "--known-failures",
        "FILE",
        "clauses that may fail, beside the profile's: a file that --write-known-failures wrote",
        {"type": Path},
    ),
    Option(
        "--write-known-failures",
        "FILE",
        "write what fails as a list of known failures; a list that it wrote before is brought up to date",
        {"type": Path},
    ),
    Option("--report-json", "FILE", "write the report as JSON", {"type": Path}),
    Option(
        "--report-html",
        "FILE",
        "write the report as a page of HTML, with each failure as a timeline",
        {"type": Path},
    ),
    Option(
        "--pcap",
        "DIR",
        "write what the programs sent and got, a file for each test, for Wireshark (docs/tap.md)",
        {"type": Path},
    ),
    Option(
        "--chaos-seconds",
        "N",
        f"how long the run goes on making faults (default: {DEFAULT_CHAOS:g})",
        {"type": float, "default": DEFAULT_CHAOS},
    ),
    Option(
        "--storm-history",
        "FILE.jsonl",
        f"write all that happens in these faults (S02), while they are made; {COMMAND} judge reads it",
        {"type": Path},
    ),
    Option(
        "--model-examples",
        "N",
        "ask for B49, too: N examples of random steps are compared with a model of a queue",
        {"type": int, "default": 0},
    ),
    Option(
        "--seed",
        "N",
        "what the suite sends is drawn by it",
        {"type": int, "default": random.randrange(10_000)},
    ),
)

OF_PYTEST = (
    ("-k EXPRESSION", "judge only these clauses, such as -k W06 or -k 'P01 or B11'"),
    ("-x", "stop at the first failure"),
    ("-v", "name each test, and show every failure with its exchange"),
    ("--numprocesses N", "tests side by side (default: 4); 0: one after the other"),
    ("--junit-xml FILE", "write a report in JUnit's format"),
    ("--deselect TEST", "leave this test out"),
)
"""The options of pytest that are of most use here."""


def help_of_check() -> str:
    """What `./spec check --help` prints: the suite's own options first."""
    ours = [(f"{each.name} {each.metavar}", each.help) for each in OPTIONS]
    lines = [
        f"usage: {COMMAND} check [OPTION...] [TEST...]",
        "",
        "Judges a producer, a worker and a RabbitMQ by the clauses of SPEC.md.",
        "TEST is a part of the specification, or tests of your own, which are run instead (docs/library.md).",
        "",
        *_table(ours),
        "",
        "pytest's options work, too. These are of most use:",
        "",
        *_table(OF_PYTEST),
        "",
        f"All of pytest's options: {COMMAND} check --help-pytest",
    ]
    return "\n".join(lines) + "\n"


def _table(rows: Any) -> list[str]:
    return [f"  {name}\n        {meaning}" for name, meaning in rows]


def check(chaos_seconds: float, processes: int, model_examples: int) -> None:
    """Raises SetupError if one of these values makes no sense."""
    if math.isnan(chaos_seconds) or not 0 <= chaos_seconds <= LONGEST_CHAOS:
        raise SetupError(
            f"--chaos-seconds {chaos_seconds:g} is out of range; give at least 0 and at most {LONGEST_CHAOS:.0f}."
        )
    if not 0 <= model_examples <= MOST_EXAMPLES:
        raise SetupError(
            f"--model-examples {model_examples} is out of range; give at least 1 and at most {MOST_EXAMPLES}."
        )
    if processes > MOST_PROCESSES:
        raise SetupError(f"--numprocesses {processes} is too many; give at most {MOST_PROCESSES}.")
