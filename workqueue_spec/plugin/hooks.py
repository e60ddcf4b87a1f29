"""The beginning and the end of a run.

The process that the user started begins the run. The workers of pytest-xdist join it.
"""

import contextlib
import functools
import inspect
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..bench.bench import Bench
from ..bench.broker_profiles import has_no_quorum_queues
from ..bench.first_try import first_try, to_be_tried
from ..bench.setting import Setting
from ..broker import Broker, attach, open_broker
from ..broker.health import check_takes_messages
from ..broker.progress import say
from ..broker.run import Run
from ..broker.whole_run import whole_run
from ..errors import SetupError
from ..programs import run_options, signals
from ..programs.fixed_address import describe, placements, reserve, shares_port
from ..programs.install import install
from ..programs.subject import Subject, check_programs
from ..report import file
from ..report.capture_files import made_folder
from ..report.html.installed import check_installed
from ..report.secrets import keep_secret
from ..specification.clauses import clause_of
from ..specification.remedies import remedy_of
from ..timeouts import HANGS, MODEL_EXAMPLE
from ..wiretap import LoopThread
from . import asked, captures, known_failures, options, selection
from .arguments import SPEC_TESTS, name_the_specification
from .foreseeing import Foreseeing
from .judging import Judging
from .stash import BENCHES, BROKER, PART, RUN, SUBJECT, TESTS
from .virtual_hosts import VirtualHosts

_OUTAGES = 4
"""By this factor a storm may take longer than its faults are asked for: its clock stands still while the broker
restarts. That took as long again as the faults on a machine with ten processes per core."""
_PROCESSES = 4
"""Processes side by side. The clauses wait far more than they compute, so the number of cores does not matter."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds our options."""
    options.add(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Reads the options and registers the judging, if this run judges clauses."""
    config.addinivalue_line(
        "markers",
        "own_broker(needed=True): the test stops the broker, so it needs one that no other test uses; if that is "
        "not needed, the test stops no broker that is not ours",
    )
    config.addinivalue_line("markers", "broker: a test of the workbench that starts a real broker")
    config.addinivalue_line(
        "filterwarnings", "ignore:The @wait_container_is_ready decorator:DeprecationWarning"
    )
    if not _judges(config):
        return
    signals.interrupt_once()
    with _as_usage_error():
        file.check(config.option.report_json)
        file.check(config.option.storm_history, "history")
        if config.option.report_html is not None:
            check_installed("--report-html")
            file.check(config.option.report_html)
        if config.option.pcap is not None:
            config.option.pcap = made_folder(config.option.pcap)
        run_options.check(
            config.option.chaos_seconds,
            config.getoption("numprocesses", 0) or 0,
            config.option.model_examples,
        )
        selection.check_named(config)
        asked.edition_of(config)
        known_failures.check(config)
        chosen = config.stash[SUBJECT] = options.subject_of(config)
        selection.check_keyword(config, chosen)
        config.option.queue_type = (
            chosen.queue_type or config.option.queue_type or options.default_queue_type(config)
        )
    config.stash[BENCHES] = []
    config.pluginmanager.register(Judging(config), "workqueue-spec-judging")
    config.pluginmanager.register(Foreseeing(config), "workqueue-spec-foreseeing")


def _judges(config: pytest.Config) -> bool:
    """Whether this run judges clauses: if it names the specification, or a program to judge by a team's own tests.

    It does not if it only shows help, or runs tests that have nothing to do with the suite.
    """
    given = config.option
    if given.help or given.version or given.collectonly:
        return False
    programs = (given.producer, given.service, given.worker, given.implementation)
    return any(each is not None for each in programs) or name_the_specification(config.args, config)


@contextlib.contextmanager
def _as_usage_error() -> Iterator[None]:
    try:
        yield
    except SetupError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Opens the broker and installs the program; or joins the run that another process has begun."""
    config = session.config
    if SUBJECT not in config.stash:
        return
    if given := getattr(config, "workerinput", {}).get("part_of") or config.option.part_of:
        config.option.seed = given["seed"]
        config.stash[PART] = given["part"]
        config.stash[RUN] = Run(Path(given["run"]))
        config.stash[BROKER] = attach(given["broker"], config.stash[RUN])
        keep_secret(config.stash[BROKER])
        return
    to_the_end = contextlib.ExitStack()
    config.add_cleanup(to_the_end.close)
    with _as_usage_error():
        run = config.stash[RUN] = to_the_end.enter_context(whole_run())
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(run.temporary)  # for pytest-xdist, which leaves its folders
        install(config.stash[SUBJECT], run)
        check_programs(config.stash[SUBJECT])
        if turn := reserve(config.stash[SUBJECT], config.getoption("numprocesses", 0) or 0):
            to_the_end.callback(turn.end)
        opened = contextlib.closing(open_broker(config.option.broker, run, config.option.broker_ca))
        config.stash[BROKER] = to_the_end.enter_context(opened)
        keep_secret(config.stash[BROKER])
        if config.stash[BROKER].kind == "url":
            say(_what_is_made(config.stash[BROKER], run))
        check_takes_messages(config.stash[BROKER])
        _check_queue_type(config.option.queue_type, config.stash[BROKER])
        _check_policies(config.stash[SUBJECT], config.stash[BROKER])
        _try_the_programs(config)


def _try_the_programs(config: pytest.Config) -> None:
    """Raises SetupError if a program under test cannot be started at all."""
    chosen, run, given = config.stash[SUBJECT], config.stash[RUN], config.option
    if not to_be_tried(chosen):
        return
    with contextlib.ExitStack() as stack:
        loop_thread = stack.enter_context(LoopThread())
        made = stack.enter_context(placements(chosen, loop_thread))
        setting = Setting(run, loop_thread, chosen, made, given.queue_type, seed=given.seed)
        hosts = VirtualHosts(loop_thread, f"workqueue-spec-{run.name}-try", most=1)
        host, name = stack.enter_context(hosts.fresh(config.stash[BROKER]))
        capture = stack.enter_context(captures.capture(config, "first try"))
        bench = Bench(setting, config.stash[BROKER], host, name=name, test="first try", capture=capture)
        first_try(stack.enter_context(contextlib.closing(bench)))


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Says what is judged."""
    if BROKER not in config.stash:
        return []
    subject = config.stash[SUBJECT]
    loaded = [] if subject.definitions is None else [f"definitions: {subject.definitions.describe()}"]
    if subject.definitions is not None and subject.definitions.queue(subject.queue) is not None:
        loaded.append(
            f"the definitions make '{subject.queue}' a {subject.queue_type} queue, whatever --queue-type says"
        )
    if options.on_cluster(config) and config.option.queue_type == "classic":
        loaded.append("a classic queue is on one node of the cluster, and gone while that node is down")
    return [f"workqueue-spec: {asked.description(config)}", *describe(subject), *loaded]


def _check_queue_type(queue_type: str, broker: Broker) -> None:
    """Raises SetupError if the broker has no such queues."""
    if queue_type == "quorum" and has_no_quorum_queues(broker.product):
        raise SetupError(
            f"{broker.product} has no quorum queues; judge with --queue-type classic, or choose another broker "
            "with --broker."
        )


def _check_policies(subject: Subject, broker: Broker) -> None:
    """Raises SetupError if the policies of the program's definitions cannot be set at this broker."""
    policies = subject.definitions.policies if subject.definitions is not None else ()
    if policies and not broker.can_make_virtual_hosts:
        names = ", ".join(each.name for each in policies)
        if broker.ours:
            raise SetupError(f"The definitions hold policies ({names}), and {broker.product} knows none.")
        raise SetupError(
            f"The definitions hold policies ({names}), and none can be set at "
            f"{broker.address.shown()}, since no management API allows it; give WORKQUEUE_SPEC_MANAGEMENT_URL or "
            "another broker, or write arguments of the queues in place of the policies."
        )


def _what_is_made(broker: Broker, run: Run) -> str:
    """What is made at a broker that is not ours. It is said before anything is made."""
    made = "virtual hosts" if broker.can_make_virtual_hosts else f"queues in '{broker.virtual_host}'"
    where = broker.address.shown()
    return f"this run makes {made} named workqueue-spec-{run.name}-... at {where}, and removes them."


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tells a worker of pytest-xdist which run it joins."""
    stash = node.config.stash
    if BROKER in stash:
        node.workerinput["part_of"] = part_of(
            stash[RUN], stash[BROKER], node.gateway.id, node.config.option.seed
        )


def part_of(run: Run, broker: Broker, part: str, seed: int) -> dict[str, Any]:
    """What a process must know to join a run that another process has begun, as JSON. `part` is its name there."""
    return {"run": str(run.folder), "broker": dict(broker.handle()), "part": part, "seed": seed}


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """The processes for --numprocesses=auto: none if the tests must take turns at the program's fixed address."""
    if not _judges(config):
        return None
    with contextlib.suppress(SetupError):  # pytest_configure reports it
        if shares_port(options.subject_of(config)):
            return 0
    return _PROCESSES


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Each test goes to any free process, but a chapter that stops the broker goes to one process as a whole. If
    the broker is a cluster, all these chapters go to the same process.

    pytest-xdist's own groups cannot do this: up to 3.8 they have no effect under pytest 9.2.
    """
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 - a run without pytest-xdist goes without

    @functools.cache
    def stops_the_broker(path: str) -> bool:
        file = config.rootpath / path
        if not file.is_file():  # with --pyargs, the path of a chapter begins at the specification's folder
            file = SPEC_TESTS / Path(path).name
        return file.is_file() and "mark.own_broker" in file.read_text("utf-8", errors="replace")

    class ByBroker(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            if not stops_the_broker(file):
                return nodeid
            # All chapters that stop a cluster share one: several clusters would take more than a small machine has.
            return "on a cluster of its own" if options.on_cluster(config) else file

    return ByBroker(config, log) if SUBJECT in config.stash else None


def pytest_pycollect_makeitem(collector: pytest.Collector, obj: object) -> None:
    """Raises CollectError if another test says that it judges the same clause, or if the remedies beside the test
    have a mistake.
    """
    clause = clause_of(obj) if inspect.isfunction(obj) else None
    if clause is None:
        return
    other = collector.config.stash.setdefault(TESTS, {}).setdefault(clause.id, clause.test)
    if other != clause.test:
        raise collector.CollectError(
            f"Two tests have the clause {clause.id}: {other} and {clause.test}; give one another number."
        )
    try:
        remedy_of(clause)
    except SetupError as error:
        raise collector.CollectError(str(error)) from None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Makes clauses selectable by id and slug, applies --class, limits the time of a test, and sorts the tests."""
    chosen, left = [], []
    for item in items:
        clause = clause_of(getattr(item, "function", None))
        if clause is not None:
            item.extra_keyword_matches.update((clause.id, clause.slug))
            if not asked.is_asked_for(clause, config):
                left.append(item)
                continue
            if config.getoption("timeout", None) is None:
                longest = (
                    HANGS
                    + _OUTAGES * config.option.chaos_seconds
                    + MODEL_EXAMPLE * config.option.model_examples
                )
                item.add_marker(pytest.mark.timeout(longest))
        chosen.append(item)
    if left:
        config.hook.pytest_deselected(items=left)
    # The tests on a broker of their own run one after another and take long: start them first.
    items[:] = sorted(chosen, key=lambda item: item.get_closest_marker("own_broker") is None)
