"""What a test is given: a bench, on the broker that the test needs.

The fixtures whose names begin with an underscore are the suite's own. They do not meet a team's fixtures.
"""

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Literal, Protocol

import pytest
from hypothesis.configuration import set_hypothesis_home_dir

from ..bench.bench import Bench
from ..bench.program_messages import published_by_the_producer
from ..bench.setting import Setting, VirtualHost
from ..broker import Broker, open_broker
from ..errors import SetupError
from ..judgement.history import Event
from ..judgement.verdicts import NotJudged
from ..programs.envelope import Envelopes, Message, plain
from ..programs.fixed_address import placements
from ..specification.clauses import Role, clause_of
from ..wiretap import LoopThread
from . import captures, options
from .stash import BENCHES, BROKER, PART, RUN, SUBJECT
from .virtual_hosts import VirtualHosts


class MakeBench(Protocol):
    """Makes the bench of a test on this broker."""

    def __call__(
        self, broker: Broker, test: str, *, named: str = "", any_queue: bool = False
    ) -> AbstractContextManager[Bench]:
        """`test` is the test's name; --pcap's file has the name `named`, or else `test`. With `any_queue` its queue
        is any one of the worker's.
        """


_NO_PROGRAM = (
    "The fixtures `bench` and `other_bench` need a program to judge, and this run names none: give --worker CMD, "
    "--producer CMD or --implementation FILE.toml."
)


@pytest.fixture(scope="session")
def _setting(request: pytest.FixtureRequest) -> Iterator[Setting]:
    """What all the benches of this process share."""
    config = request.config
    if SUBJECT not in config.stash:
        pytest.fail(_NO_PROGRAM, pytrace=False)
    # Otherwise Hypothesis leaves a folder in the user's current one.
    set_hypothesis_home_dir(config.stash[RUN].folder / "hypothesis")
    subject = config.stash[SUBJECT]
    with LoopThread() as loop_thread, placements(subject, loop_thread) as made:
        yield Setting(
            run=config.stash[RUN],
            loop_thread=loop_thread,
            subject=subject,
            placements=made,
            queue_type=config.option.queue_type,
            seed=config.option.seed,
            lies=options.lies_of(config),
        )


def _another(config: pytest.Config) -> Broker:
    """A new broker like the one of the run."""
    shared = config.stash[BROKER]
    # If another process has begun the run, the option does not say which broker it is.
    wanted = shared.kind if shared.starts_at_once else config.option.broker
    return open_broker(wanted, config.stash[RUN])


def _while_a_broker_lives(fixture_name: str, config: pytest.Config) -> Literal["session", "module"]:
    """How long tests share a broker of their own. If one starts at once, each chapter has another one."""
    return "module" if BROKER in config.stash and config.stash[BROKER].starts_at_once else "session"


@pytest.fixture(scope=_while_a_broker_lives)
def own_broker(request: pytest.FixtureRequest, _setting: Setting) -> Iterator[Broker]:
    """A broker that no test of another process uses, so that it may be stopped."""
    config = request.config
    shared = config.stash[BROKER]
    if not shared.ours:
        raise NotJudged(f"it takes a restart, and the broker at {shared.address.shown()} is not ours to stop")
    if not hasattr(config, "workerinput") and not shared.starts_at_once:
        yield shared
        return
    with contextlib.closing(_another(config)) as mine:
        yield mine


@pytest.fixture(scope="session")
def _virtual_hosts(request: pytest.FixtureRequest, _setting: Setting) -> Iterator[VirtualHosts]:
    """The virtual hosts of this process's benches."""
    process = request.config.stash.get(PART, "main")
    prefix = f"workqueue-spec-{_setting.run.name}-{process}"
    hosts = VirtualHosts(_setting.loop_thread, prefix, most=len(request.session.items))
    yield hosts
    if request.config.option.part_of:  # the broker outlives this process
        hosts.delete()


@pytest.fixture(scope="session")
def _wrap(
    request: pytest.FixtureRequest, _setting: Setting, _virtual_hosts: VirtualHosts
) -> Iterator[Callable[[str], Message]]:
    """Makes the message that carries a task's text: in the producer's envelope, if the program has one.

    How the producer wraps a text is found out once, when the first task is wrapped, on a bench of its own.
    """
    with contextlib.ExitStack() as to_the_end:

        @functools.cache
        def envelopes() -> Envelopes:
            broker = request.config.stash[BROKER]
            host, name = to_the_end.enter_context(_virtual_hosts.fresh(broker))
            test = "how tasks are wrapped"
            capture = to_the_end.enter_context(captures.capture(request.config, test))
            bench = Bench(_setting, broker, host, name=name, test=test, capture=capture)
            to_the_end.enter_context(contextlib.closing(bench))
            return Envelopes(functools.partial(published_by_the_producer, bench))

        yield (lambda text: envelopes().wrap(text)) if _setting.subject.envelope else plain


@pytest.fixture(scope="session")
def new_bench(
    request: pytest.FixtureRequest,
    _setting: Setting,
    _virtual_hosts: VirtualHosts,
    _wrap: Callable[[str], Message],
) -> MakeBench:
    """Makes benches, each in a fresh virtual host, or on a broker of its own."""
    config = request.config
    benches, shared = config.stash[BENCHES], config.stash[BROKER]

    @contextlib.contextmanager
    def with_broker(broker: Broker) -> Iterator[tuple[Broker, VirtualHost, str]]:
        if broker is shared and broker.starts_at_once:
            with contextlib.closing(_another(config)) as alone:
                yield alone, VirtualHost(alone.address, alone.virtual_host), _virtual_hosts.next_name()
            return
        with _virtual_hosts.fresh(broker) as (host, name):
            yield broker, host, name

    @contextlib.contextmanager
    def make(broker: Broker, test: str, *, named: str = "", any_queue: bool = False) -> Iterator[Bench]:
        with (
            captures.capture(request.config, named or test) as capture,
            with_broker(broker) as (its_own, host, name),
        ):
            bench = Bench(
                _setting,
                its_own,
                host,
                name=name,
                test=test,
                wrap=_wrap,
                capture=capture,
                any_queue=any_queue,
            )
            benches.append(bench)
            with contextlib.closing(bench):
                yield bench
                if _setting.lies:
                    _check_that_no_lie_failed(bench.history.events)
                if its_own is not broker:
                    its_own.kill()  # nobody has to wait for its answer now, and it may not answer any more
            benches.remove(bench)

    return make


def _check_that_no_lie_failed(events: Sequence[Event]) -> None:
    """Raises SetupError if a lie raised an exception, since what it was to change was left as it was."""
    if failed := next((event for event in events if event.what == "Tap.Failed"), None):
        raise SetupError(f"The lie failed: {failed.text}.")


@pytest.fixture
def bench(request: pytest.FixtureRequest, new_bench: MakeBench) -> Iterator[Bench]:
    """The bench of one test."""
    broker = request.config.stash[BROKER]
    marker = request.node.get_closest_marker("own_broker")
    if marker and not broker.starts_at_once and (broker.ours or marker.kwargs.get("needed", True)):
        broker = request.getfixturevalue("own_broker")
    clause = clause_of(request.function)
    of_a_worker = clause is not None and not clause.own and clause.role is Role.WORKER
    with new_bench(
        broker, request.node.name, named=captures.name_of(request.node), any_queue=of_a_worker
    ) as made:
        yield made


@pytest.fixture
def other_bench(request: pytest.FixtureRequest, new_bench: MakeBench) -> Iterator[Bench]:
    """A second bench for the same test, in a virtual host of its own."""
    broker, named = request.config.stash[BROKER], f"{captures.name_of(request.node)}, other"
    with new_bench(broker, f"{request.node.name}, other", named=named) as made:
        yield made
