"""The start of `./spec`: finds the command and runs it in the suite's environment.

This module uses the standard library only, since it runs before there is an environment.
"""

import itertools
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from .. import COMMAND, INSTALLED, ROOT, cache_folder
from ..errors import SetupError
from ..programs import environment, signals
from ..programs.run_options import help_of_check
from ..programs.variables import for_its_python
from . import cache
from .parsers import PARSERS
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
        if command == "check":
            check(arguments)
        if command == "cache":
            sys.exit(cache.main(arguments))
        if command == "test" and command in KNOWN:
            sys.exit(test(arguments))
        if command in KNOWN:
            if command in PARSERS:  # a mistake, and --help, are told without an environment
                PARSERS[command]().parse_args(arguments)
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


def check(arguments: Sequence[str]) -> NoReturn:
    """Replaces this process by pytest on the specification, so that pytest gets the signals and sets the status."""
    python = environment.python_with("")
    wanted = ["--help" if each == "--help-pytest" else each for each in arguments]
    ours = _for_pytest(python, _with_tests(wanted))
    command = [str(python), "-m", "workqueue_spec.commands.check", *ours]
    signals.hold_back()
    os.execve(python, command, for_its_python(os.environ, python))


def test(arguments: Sequence[str]) -> int:
    """Runs every step, even after one that failed, and prints at the end which steps passed. Returns the status."""
    python = environment.python_with("dev")
    in_brief = ["-m", "workqueue_spec.commands.kill_matrix", "--sample", "1", "--report-json", os.devnull]
    steps: list[tuple[str, list[str], Path]] = [
        ("lint", ["-m", "ruff", "check", "."], ROOT),
        ("format", ["-m", "ruff", "format", "--check", "."], ROOT),
        ("types", ["-m", "mypy"], ROOT),
        ("workflows", ["-m", "workqueue_spec.commands.ci_files"], ROOT),
        ("workbench", _pytest(python, [str(ROOT / "workbench_tests"), "--durations=10"]), ROOT),
        ("mutants", [*in_brief, *_about_the_broker(arguments)], ROOT),
        ("suite on the reference", _pytest(python, _with_tests(arguments)), Path.cwd()),
    ]
    child = _Child(python)
    outcomes = []
    for name, arguments_of_step, folder in steps:
        _say(f"\n== {name}")
        began = time.monotonic()
        status = child.run(arguments_of_step, folder)
        outcomes.append((name, status, time.monotonic() - began))
        if child.signalled:
            break
    _say("")
    for name, status, seconds in outcomes:
        _say(f"{'passed' if status == 0 else 'FAILED':<7} {name:<24} {seconds:6.1f} s")
    if child.signalled:
        _say("interrupted; the remaining steps were not run")
        return 128 + child.signalled
    return 1 if any(status for _, status, _ in outcomes) else 0


def _about_the_broker(arguments: Sequence[str]) -> list[str]:
    """The options `--broker` and `--queue-type` among the arguments, with their values."""
    options = ("--broker", "--queue-type")
    chosen: list[str] = []
    for argument, following in itertools.zip_longest(arguments, arguments[1:], fillvalue=""):
        if argument in options:
            chosen += [argument, following]
        elif argument.startswith(tuple(f"{option}=" for option in options)):
            chosen.append(argument)
    return chosen


class _Child:
    """Runs one child process after the other by this Python. A signal does not end this process.

    Ctrl-C reaches the child process from the terminal; TERM is passed on to it. So it can clear up.
    """

    def __init__(self, python: Path) -> None:
        self._python = python
        self.signalled = 0
        self._process: subprocess.Popen[bytes] | None = None
        for number in signals.SIGNALS:
            signal.signal(number, self._note)

    def run(self, arguments: Sequence[str], folder: Path) -> int:
        self._process = subprocess.Popen(
            [str(self._python), *arguments], cwd=folder, env=for_its_python(os.environ, self._python)
        )
        return self._process.wait()

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.signalled = number
        if number != signal.SIGINT and self._process is not None:
            self._process.terminate()


def _pytest(python: Path, arguments: Sequence[str]) -> list[str]:
    return ["-m", "pytest", *_for_pytest(python, arguments)]


def _for_pytest(python: Path, arguments: Sequence[str]) -> list[str]:
    # pytest's cache is in the environment, since the checkout may not be writable.
    kept = (cache_folder() if INSTALLED else python.parents[1]) / "pytest-cache"
    settings = ["-c", str(ROOT / "pyproject.toml")]
    if INSTALLED:  # the plugin has the settings; no configuration of the user's is read
        settings = ["-c", os.devnull, "-p", "workqueue_spec.plugin"]
    return [*settings, f"--rootdir={ROOT}", "-o", f"cache_dir={kept}", *arguments]


TAKES_A_PATH = {"--deselect", "--ignore", "--ignore-glob"}
"""pytest's options whose value is a test's path: that test is not one to run."""


def _with_tests(arguments: Sequence[str]) -> list[str]:
    """The arguments, with the absolute path of each test that they name, or of the whole specification without any.

    A test may be named relative to the current folder, or as pytest prints it, relative to the checkout.
    """
    suite = ROOT / "spec_tests"
    before = ""
    result = []
    named = False
    for argument in arguments:
        path, colons, name = argument.partition("::")
        test = next((p for p in (Path.cwd() / path, ROOT / path) if _lies_in(p, suite)), None)
        if test is None or argument.startswith("-") or before in TAKES_A_PATH:
            result.append(argument)
        else:
            result.append(f"{test}{colons}{name}")
            named = True
        before = argument
    return result if named else [str(suite), *result]


def _lies_in(path: Path, folder: Path) -> bool:
    try:
        return path.resolve(strict=True).is_relative_to(folder)
    except (OSError, ValueError):  # there is no such file, or this cannot be the name of a file
        return False


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()  # before the output of the next step


def _fail(status: int, text: str) -> NoReturn:
    sys.stderr.write(text)
    sys.exit(status)
