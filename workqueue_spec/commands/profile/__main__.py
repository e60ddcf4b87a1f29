"""`./spec profile`: reports the mistakes in a profile, or tries out a program and writes its profile."""

import argparse
import json
import os
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from ... import COMMAND
from ...broker import open_broker
from ...broker.whole_run import whole_run
from ...errors import SetupError
from ...judgement.verdicts import Broken
from ...programs import signals, subject
from ...programs.command import Command
from ...programs.install import install
from ...programs.profile import Profile
from ...programs.subject import Subject
from ...report.secrets import hide, keep_secret
from .. import parsers
from .tryout import Finding, Tryout

MISUSED, INTERRUPTED = 4, 130


def main(arguments: Sequence[str]) -> int:
    """Returns the exit status: 0 if the profile is correct, or was written; 4 if a sentence says why not."""
    given = parsers.profile().parse_args(arguments)
    try:
        return check(given.file) if given.command == "check" else init(given)
    except (SetupError, EOFError) as error:
        print(f"spec: {error or 'there was no answer, so no profile is written.'}", file=sys.stderr)
        return MISUSED
    except KeyboardInterrupt:
        print("\nspec: interrupted.", file=sys.stderr)
        return INTERRUPTED


def check(file: Path) -> int:
    """Prints a sentence for each mistake. If there is none, does the install steps and looks for the programs.

    Returns the exit status.
    """
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
    """Tries out the program and writes its profile. Returns the exit status. Raises SetupError or EOFError."""
    file: Path = given.file
    if file.exists() and not given.force:
        raise SetupError(f"{file} exists already; name another file, or add --force to overwrite it.")
    if file.is_dir() or not os.access(file.absolute().parent, os.W_OK):
        raise SetupError(f"{file} cannot be written; name a file in a folder that you can write to.")
    producer = given.producer or _ask_for("--producer", 'The producer, such as "node send.js": ')
    worker = given.worker or _ask_for("--worker", 'The worker, such as "node work.js": ')
    tried = subject.from_commands(producer, worker, "classic")
    tried = replace(tried, name=given.name or _name_of(tried), environment={})
    judged = _as_in_a_profile(tried)
    subject.check_programs(judged)
    findings = _try_out(judged, given.broker, given.broker_ca)
    file.write_text("\n".join(_lines(tried, file, findings)) + "\n", encoding="utf-8")
    print(f"Wrote {file}; to judge the program: {COMMAND} check --implementation {shlex.quote(str(file))}")
    return 0


def _name_of(tried: Subject) -> str:
    """The name of the program's folder: that of the first file in its commands, or else the current folder."""
    for each in (tried.worker, tried.producer):
        for part in each.parts:
            file = (each.folder / part).resolve()
            if file.is_file() and each.folder.resolve() in file.parents:
                return file.parent.name
    return tried.worker.folder.resolve().name


def _as_in_a_profile(tried: Subject) -> Subject:
    """The subject as it is when it is read from a profile: a bare `python` is the suite's Python."""

    def meant(each: Command) -> Command:
        return replace(each, parts=(sys.executable, *each.parts[1:])) if each.parts[0] == "python" else each

    return replace(tried, producer=meant(tried.producer), worker=meant(tried.worker))


def _ask_for(option: str, question: str) -> str:
    if not sys.stdin.isatty():
        raise SetupError(f"There is no terminal to ask for the command; give {option}.")
    return input(question)


def _try_out(tried: Subject, broker: str, ca: Path | None) -> list[Finding]:
    with whole_run() as run, closing(open_broker(broker, run, ca)) as opened:
        if not opened.can_make_virtual_hosts:
            raise SetupError(
                "A program is tried out in virtual hosts of its own, and none can be made at this broker; "
                "choose another one with --broker."
            )
        keep_secret(opened)
        tryout = Tryout(tried, opened, run)
        try:
            tryout.run()
        except Broken as error:
            raise SetupError(hide(f"The program cannot be tried out: {error}.")) from error
        return tryout.findings


def _lines(tried: Subject, file: Path, findings: Sequence[Finding]) -> Iterator[str]:
    yield f"# Written by {COMMAND} profile init: each comment says what was seen. README.md explains all keys."
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
    return json.dumps(value, ensure_ascii=False)  # JSON's strings, numbers, booleans and lists are TOML, too


if __name__ == "__main__":
    signals.run(main, INTERRUPTED)
