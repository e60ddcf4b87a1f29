"""The start of `./spec`: finds the command and runs it in the suite's environment.

This module uses the standard library only, since it runs before there is an environment.
"""

import os
import signal
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from .. import COMMAND, INSTALLED
from ..errors import SetupError
from ..programs import environment, signals
from ..programs.run_options import help_of_check
from ..programs.variables import for_its_python
from . import cache, parsers, project_tests
from .pytest_arguments import for_pytest, own_tests, with_tests
from .spelling import MISUSED, did_you_mean
from .version import versions


@dataclass(frozen=True)
class _Command:
    """What the usage says of a command, and the module that does it with the extra dependencies that it needs."""

    usage: str
    help: str
    module: str = ""
    extra: str = ""
    in_a_clone: bool = False
    """Whether the command is about this project's own files, which only a clone has."""


COMMANDS = {
    "check": _Command(
        "check [ARG...]",
        f"judge a producer, a worker and a RabbitMQ; ARG: pytest's options and the suite's own, see {COMMAND} "
        "check --help",
    ),
    "profile": _Command(
        "profile check FILE | init [FILE]",
        f"report the mistakes in a program's profile, or try out a program and write its profile; see {COMMAND} "
        "profile init --help",
        "workqueue_spec.commands.profile",
    ),
    "pairs": _Command(
        "pairs PROGRAM...",
        "run each producer with each worker, to see which understand each other",
        "workqueue_spec.commands.pairs",
    ),
    "tap": _Command(
        "tap [OPTION...]",
        "show what passes between a program and a broker, and make faults between them; see "
        f"{COMMAND} tap --help",
        "workqueue_spec.commands.tap",
    ),
    "compare": _Command(
        "compare OLD.json NEW.json",
        "say what changed from one JSON report to another",
        "workqueue_spec.commands.compare",
    ),
    "forecast": _Command(
        "forecast R.json",
        "say what of a program breaks or changes on a later RabbitMQ, by a JSON report",
        "workqueue_spec.commands.forecast",
    ),
    "judge": _Command(
        "judge HISTORY.jsonl",
        "judge the recorded history of a storm again, as check --storm-history writes it",
        "workqueue_spec.commands.judge",
    ),
    "report": _Command(
        "report R.json [-o FILE.html]",
        "show a JSON report as a page of HTML",
        "workqueue_spec.commands.report",
        "html",
    ),
    "site": _Command(
        "site R.json... -o FOLDER",
        "make a site from the JSON reports of many runs: a matrix, and a page for each clause and program",
        "workqueue_spec.commands.site",
        "html",
    ),
    "cache": _Command("cache [clear]", "show what was fetched once and is kept, or remove it"),
    "implementations": _Command(
        "implementations",
        "judge and pair the programs in implementations/, and write RESULTS.md",
        "workqueue_spec.commands.implementations",
        in_a_clone=True,
    ),
    "mutants": _Command(
        "mutants [ARG...]",
        "show that every check can fail: judge the programs and brokers that break a promise on purpose; see "
        f"{COMMAND} mutants --help",
        "workqueue_spec.commands.kill_matrix",
        "dev",
        in_a_clone=True,
    ),
    "bench": _Command(
        "bench [ROW...]",
        f"measure what the suite and the reference cost, as ratios in one run; see {COMMAND} bench --help",
        "benchmarks",
        in_a_clone=True,
    ),
    "test": _Command(
        "test [ARG...]",
        "test this project: lint, types, its own tests, a sample of checks on each mutant, and the suite on the "
        f"reference; ARG: as for {COMMAND} check",
        in_a_clone=True,
    ),
}
KNOWN = {name: each for name, each in COMMANDS.items() if not (INSTALLED and each.in_a_clone)}
"""The commands that can be used here."""

_INDENT = " " * 12


NOT_RUN, INTERRUPTED = 3, 130
"""Exit statuses. The first is pytest's, for an internal error."""


def usage() -> str:
    """What is printed for --help."""
    lines = [f"usage: {COMMAND} COMMAND", ""]
    for each in KNOWN.values():
        explained = textwrap.wrap(each.help, 100, initial_indent=_INDENT, subsequent_indent=_INDENT)
        lines += [f"    {each.usage}", *explained]
    if not INSTALLED:
        lines += ["", "The first start makes an environment in .venv. Remove that folder to make a new one."]
    lines += [
        "",
        f"Each command has --help; {COMMAND} --version prints the versions.",
        "The exit status of check is pytest's: 0 no MUST failed, 1 not conformant, 2 interrupted, 4 misused,",
        "5 nothing judged; or 3 if the environment cannot be made.",
        "",
    ]
    return "\n".join(lines)


def main() -> NoReturn:
    """Runs the command in `sys.argv`, and exits with its status."""
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # the script leaves the end by Ctrl-C to the system
    command, *arguments = sys.argv[1:] or [""]
    try:
        if asked := _told_at_once(command, arguments):
            sys.stdout.write(asked)
            sys.exit(0)
        # A mistake, and --help, are told without an environment.
        if command in {"check", "test"}:
            asked_for, _ = parsers.check().parse_known_args(arguments)
        if command == "check":
            check(arguments, "html" if asked_for.report_html is not None else "")
        if command == "cache":
            sys.exit(cache.main(arguments))
        if command == "test" and command in KNOWN:
            sys.exit(project_tests.test(arguments))
        if command in KNOWN:
            if command in parsers.PARSERS:
                parsers.PARSERS[command]().parse_args(arguments)
            run_module(KNOWN[command].module, KNOWN[command].extra, arguments)
    except SetupError as error:
        _fail(NOT_RUN, f"spec: {error}\n")
    except KeyboardInterrupt:
        _fail(INTERRUPTED, "\nspec: interrupted.\n")
    if command == "":
        _fail(MISUSED, usage())
    if command in COMMANDS:
        _fail(
            MISUSED, f"spec: {command} is about this project's own files; run ./spec {command} in a clone.\n"
        )
    hint = did_you_mean(command, [*KNOWN, "--help", "--version"]) or "."
    _fail(MISUSED, f"spec: there is no command {command!r}{hint} The commands are {', '.join(KNOWN)}.\n")


def _told_at_once(command: str, arguments: Sequence[str]) -> str:
    """What is printed if a user asks for help or for the version; empty if the user asks for something else."""
    asked = {command, *arguments}
    if command in {"-h", "--help", "help"} or (command == "test" and asked & {"-h", "--help"}):
        return usage()
    if command == "--version" or (command in {"check", "test"} and "--version" in asked):
        return versions()
    return help_of_check() if command == "check" and asked & {"-h", "--help"} else ""


def run_module(module: str, extra: str, arguments: Sequence[str]) -> NoReturn:
    """Replaces this process by a run of the module, in an environment with that extra."""
    python = environment.python_with(extra)
    signals.hold_back()
    os.execve(python, [str(python), "-m", module, *arguments], for_its_python(os.environ, python))


def check(arguments: Sequence[str], extra: str = "") -> NoReturn:
    """Replaces this process by pytest on the specification, or on the tests that are named, so that pytest gets the
    signals and sets the status. It runs in an environment with that extra.
    """
    python = environment.python_with(extra)
    wanted = ["--help" if each == "--help-pytest" else each for each in arguments]
    ours = for_pytest(python, with_tests(wanted), own_tests(wanted))
    command = [str(python), "-m", "workqueue_spec.commands.check", *ours]
    signals.hold_back()
    os.execve(python, command, for_its_python(os.environ, python))


def _fail(status: int, text: str) -> NoReturn:
    sys.stderr.write(text)
    sys.exit(status)
