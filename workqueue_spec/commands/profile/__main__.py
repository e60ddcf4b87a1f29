"""`./spec profile`: says what is wrong with a profile, or writes one for a program that it tries out."""

import argparse
import json
import os
import shlex
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...broker import open_broker
from ...broker.whole_run import whole_run
from ...errors import SetupError
from ...judgement.verdicts import Broken
from ...programs import subject
from ...programs.command import Command
from ...programs.install import install
from ...programs.profile import Profile
from ...programs.subject import Subject
from .tryout import Finding, Tryout

MISUSED, INTERRUPTED = 4, 130


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 for a profile that is right, or written; 4 for what a sentence tells of."""
    given = _options().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that it clears up, as after Ctrl-C
    try:
        return check(given.file) if given.command == "check" else init(given)
    except (SetupError, EOFError) as problem:
        print(f"spec: {problem or 'no answer, so no profile.'}", file=sys.stderr)
        return MISUSED
    except KeyboardInterrupt:
        print("\nspec: interrupted.", file=sys.stderr)
        return INTERRUPTED


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./spec profile", description=__doc__.partition(": ")[2])
    commands = parser.add_subparsers(dest="command", required=True, metavar="check|init")
    checking = commands.add_parser("check", help="say what is wrong with a profile, and do its install steps")
    checking.add_argument("file", type=Path, metavar="FILE.toml")
    writing = commands.add_parser("init", help="try a program out, and write what was seen as its profile")
    writing.add_argument("file", type=Path, metavar="FILE.toml", nargs="?", default=Path("profile.toml"))
    writing.add_argument("--producer", metavar="CMD", help="as you type it here; asked for without it")
    writing.add_argument("--worker", metavar="CMD", help="as you type it here; asked for without it")
    writing.add_argument("--name", help="of the program (default: the folder's)")
    writing.add_argument("--broker", default="auto", help="the broker to try it with, as for check")
    writing.add_argument("--force", action="store_true", help="write over a file that is there")
    return parser


def check(file: Path) -> int:
    """Tells each mistake in a sentence, then whether the programs are there once its install steps are done."""
    profile = Profile(file)
    mistakes = list(profile.mistakes)
    if not mistakes:
        found = profile.subject()
        with whole_run() as run:
            install(found, run)
        mistakes = list(subject.missing_programs(found))
    for mistake in mistakes:
        print(f"spec: {mistake}", file=sys.stderr)
    if not mistakes:
        print(f"{file} is in order.")
    return MISUSED if mistakes else 0


def init(given: argparse.Namespace) -> int:
    """Tries the program out and writes its profile."""
    file: Path = given.file
    if file.exists() and not given.force:
        raise SetupError(f"{file} is there already; name another file, or say --force to write over it.")
    if file.is_dir() or not os.access(file.absolute().parent, os.W_OK):
        raise SetupError(f"{file} cannot be written; name a file in a folder of yours.")
    producer = given.producer or _asked("--producer", 'The producer, such as "node send.js": ')
    worker = given.worker or _asked("--worker", 'The worker, such as "node work.js": ')
    tried = subject.from_commands(producer, worker, "classic")
    tried = replace(tried, name=given.name or file.absolute().parent.name, environment={})
    judged = _as_in_a_profile(tried)
    subject.check_programs(judged)
    findings = _try_out(judged, given.broker)
    file.write_text("\n".join(_lines(tried, file, findings)) + "\n", encoding="utf-8")
    print(f"Wrote {file}; judge the program by ./spec check --implementation {shlex.quote(str(file))}")
    return 0


def _as_in_a_profile(tried: Subject) -> Subject:
    """There a bare `python` is the suite's."""

    def meant(each: Command) -> Command:
        return replace(each, parts=(sys.executable, *each.parts[1:])) if each.parts[0] == "python" else each

    return replace(tried, producer=meant(tried.producer), worker=meant(tried.worker))


def _asked(option: str, question: str) -> str:
    if not sys.stdin.isatty():
        raise SetupError(f"Nobody is there to be asked for the command; give {option}.")
    return input(question)


def _try_out(tried: Subject, broker: str) -> list[Finding]:
    with whole_run() as run, closing(open_broker(broker, run)) as opened:
        if not opened.can_make_virtual_hosts:
            raise SetupError(
                "A program is tried out in virtual hosts of its own, and this broker allows none."
            )
        tryout = Tryout(tried, opened, run)
        try:
            tryout.run()
        except Broken as problem:
            raise SetupError(f"The program cannot be tried out: {problem}.") from problem
        return tryout.findings


def _lines(tried: Subject, file: Path, findings: Sequence[Finding]) -> Iterator[str]:
    yield "# Written by ./spec profile init: each comment tells what was seen. README.md has all the keys."
    yield f"name = {_toml(tried.name)}"
    for role, each in (("producer", tried.producer), ("worker", tried.worker)):
        yield f"{role} = {_toml(list(each.parts))}"
    if (folder := os.path.relpath(tried.producer.folder, file.absolute().parent)) != ".":
        yield f"folder = {_toml(folder)}"
    tables: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for finding in findings:
        plain = {key: value for key, value in finding.values.items() if not isinstance(value, Mapping)}
        tables |= {
            key: (finding.why, value) for key, value in finding.values.items() if isinstance(value, Mapping)
        }
        if plain or not finding.values:
            yield f"\n# {finding.why}"
        for key, value in plain.items():
            yield f"{key} = {_toml(value)}"
    for key, (why, table) in tables.items():
        yield f"\n# {why}\n[{key}]"
        for name, value in table.items():
            yield f"{_toml(name)} = {_toml(value)}"


def _toml(value: Any) -> str:
    if isinstance(value, tuple):
        return _toml(":".join(map(str, value)))
    return json.dumps(value, ensure_ascii=False)  # of which TOML is a superset, as far as profiles go


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
