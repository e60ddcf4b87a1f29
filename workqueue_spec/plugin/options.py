"""The options of a run, as pytest and ./spec know them."""

import argparse
import importlib.util
import json
import shlex
from pathlib import Path

import pytest

from .. import COMMAND
from ..bench.setting import Faults
from ..broker import ClusterBroker, is_cluster, urls_in
from ..errors import SetupError
from ..programs import profile, subject
from ..programs.run_options import DEFAULT_CHAOS, OPTIONS, Option
from ..programs.subject import Subject
from ..report.secrets import hide
from ..specification.clauses import is_own
from .arguments import own_tests


def add(parser: pytest.Parser) -> None:
    """Adds our options to pytest's."""
    group = parser.getgroup("workqueue-spec", "workqueue-spec: what is judged, and on which broker")
    for option in OPTIONS:
        choices = "choices" in option.more
        metavar = {} if choices else {"metavar": option.metavar}
        group.addoption(option.name, help=option.help, **metavar, **option.more)
    # Only for the kill matrix: a broker that lies, and a run with a broker that has begun already.
    group.addoption("--lie", metavar="FILE.py", type=Path, help=argparse.SUPPRESS)
    group.addoption("--part-of", metavar="JSON", type=json.loads, help=argparse.SUPPRESS)


def lies_of(config: pytest.Config) -> Faults | None:
    """What a lying broker does, from the file that --lie names; it is installed on every tap. Raises SetupError if
    the file is not Python.
    """
    file: Path | None = config.option.lie
    if file is None:
        return None
    specification = importlib.util.spec_from_file_location(file.stem, file)
    if specification is None or specification.loader is None or not file.is_file():
        raise SetupError(f"--lie {file} is not a Python file.")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    lies: Faults = module.lies
    return lies


def on_cluster(config: pytest.Config) -> bool:
    """Whether the broker is a cluster that the run starts."""
    part = config.option.part_of
    return part["broker"]["kind"] == ClusterBroker.kind if part else is_cluster(config.option.broker)


def default_queue_type(config: pytest.Config) -> str:
    """The type of the queues if neither the options nor the profile name one."""
    return "quorum" if on_cluster(config) else "classic"


def subject_of(config: pytest.Config) -> Subject:
    """The program under test that the options name. Raises SetupError if it cannot be run."""
    given = config.option
    queue_type = given.queue_type or default_queue_type(config)
    if given.implementation:
        chosen = profile.read(given.implementation, given.queue_type)
        if chosen.queue_type is None:
            chosen = profile.read(given.implementation, queue_type)
        chosen = subject.with_commands(chosen, given.producer, given.worker, given.service)
    elif any(each is not None for each in (given.producer, given.worker, given.service)):
        chosen = subject.from_commands(given.producer, given.worker, queue_type, given.service)
    else:
        chosen = subject.reference(queue_type)
    if given.seconds_per_dot is not None:
        chosen = subject.with_seconds_per_dot(chosen, given.seconds_per_dot)
    chosen = subject.with_limits(chosen, given.prefetch, given.concurrency)
    if given.known_failures is not None:
        more = profile.read_known_failures(given.known_failures)
        chosen = subject.with_known_failures(chosen, more)
    subject.check(chosen)
    if not chosen.install and chosen.requirements is None:
        subject.check_programs(chosen)
    return chosen


def again(config: pytest.Config, tests: str) -> str:
    """The command that runs these tests again in the same way. They are named as for `-k`, usually by a clause.

    If a clause is a team's own, the team's files are named, too.
    """
    given = config.option
    own = own_tests(config) if is_own(tests.split(maxsplit=1)[0]) else []
    words = [COMMAND, "check", *own]
    for option, value in [
        ("--service", given.service),
        ("--producer", given.producer),
        ("--worker", given.worker),
        ("--implementation", given.implementation),
        ("--seconds-per-dot", given.seconds_per_dot),
        ("--prefetch", given.prefetch),
        ("--concurrency", given.concurrency),
        ("--spec", given.edition),
        ("--known-failures", given.known_failures),
    ]:
        if value is not None:
            words += [option, str(value)]
    if given.broker != "auto":
        words += ["--broker", without_password(given.broker)]
    if given.broker_ca is not None:
        words += ["--broker-ca", str(given.broker_ca)]
    if given.queue_type != default_queue_type(config):
        words += ["--queue-type", given.queue_type]
    if given.chaos_seconds != DEFAULT_CHAOS:
        words += ["--chaos-seconds", f"{given.chaos_seconds:g}"]
    if given.model_examples:
        words += ["--model-examples", str(given.model_examples)]
    return shlex.join([*words, "-k", tests, "--seed", str(given.seed)])


def as_given(config: pytest.Config) -> dict[str, str]:
    """The suite's options with their values, and pytest's `-k`, as a report shows them. Options without a value are
    left out.
    """
    values = {each.name: getattr(config.option, _destination(each)) for each in OPTIONS}
    values["-k"] = config.option.keyword
    values["--broker"] = without_password(config.option.broker)
    return {name: hide(str(value)) for name, value in values.items() if value not in (None, "")}


def _destination(option: Option) -> str:
    return str(option.more.get("dest", option.name.removeprefix("--").replace("-", "_")))


def without_password(broker: str) -> str:
    """A broker's URL without its password, as it may be shown; of a cluster, the URL of each node."""
    return ",".join(map(_without_password, urls_in(broker)))


def _without_password(broker: str) -> str:
    scheme, separator, rest = broker.partition("://")
    credentials, at, place = rest.rpartition("@")
    if not at:
        return broker
    user, colon, _ = credentials.partition(":")
    return f"{scheme}{separator}{user}{':...' if colon else ''}@{place}"
