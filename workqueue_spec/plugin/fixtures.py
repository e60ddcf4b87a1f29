"""What a test of the specification is given: a bench, on the broker that it needs."""

import contextlib
import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

import pytest
from hypothesis.configuration import set_hypothesis_home_dir

from ..bench.bench import Bench, Setting
from ..bench.shared_vhost import shared_vhost
from ..broker import Address, Broker, open_broker
from ..errors import SetupError
from ..judgement.history import Event
from ..judgement.verdicts import NotJudged
from ..programs.envelope import Envelopes, Message, plain
from ..programs.fixed_address import placements
from ..wiretap import LoopThread
from . import options
from .stash import BENCHES, BROKER, PART, RUN, SUBJECT

MakeBench = Callable[[Broker, str], AbstractContextManager[Bench]]

_HOSTS_AT_ONCE = 12
"""Virtual hosts made in one call to the broker: enough that the call costs little for each, few enough that
the first test does not wait for them."""


@pytest.fixture(scope="session")
def setting(request: pytest.FixtureRequest) -> Iterator[Setting]:
    """What all the benches of this process have in common."""
    config = request.config
    # Otherwise it leaves a folder where the user is.
    set_hypothesis_home_dir(config.stash[RUN].folder / "hypothesis")
    subject = config.stash[SUBJECT]
    with LoopThread() as loop_thread, placements(subject, loop_thread) as made:
        yield Setting(
            config.stash[RUN],
            loop_thread,
            subject,
            made,
            config.option.queue_type,
            config.option.seed,
            options.lies_of(config),
        )


@pytest.fixture(scope="session")
def own_broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """A broker that no other test uses, so that it may be stopped."""
    config = request.config
    shared = config.stash[BROKER]
    if not shared.controllable:
        raise NotJudged(f"it takes a restart, and the broker at {shared.address.shown()} is not ours to stop")
    if not hasattr(config, "workerinput"):
        yield shared
        return
    with contextlib.closing(open_broker(config.option.broker, config.stash[RUN])) as mine:
        yield mine


def _check_that_none_failed(events: Sequence[Event]) -> None:
    """Raises SetupError where a lie raised an exception: what it was to change went on as it was."""
    if failed := next((event for event in events if event.what == "Tap.Failed"), None):
        raise SetupError(f"The lie failed: {failed.text}.")


@pytest.fixture(scope="session")
def new_bench(request: pytest.FixtureRequest, setting: Setting) -> Iterator[MakeBench]:
    """Makes benches, each with a fresh virtual host, or with queues of its own where it may make none."""
    process = request.config.stash.get(PART, "main")
    names = (f"workqueue-spec-{setting.run.name}-{process}-{number}" for number in itertools.count(1))
    fresh: dict[int, list[str]] = {}
    to_the_end = contextlib.ExitStack()

    @contextlib.contextmanager
    def in_use(bench: Bench) -> Iterator[Bench]:
        request.config.stash[BENCHES].append(bench)
        with contextlib.closing(bench):
            yield bench
        request.config.stash[BENCHES].remove(bench)

    @contextlib.contextmanager
    def room(broker: Broker) -> Iterator[tuple[Address, str, str]]:
        """Its address, its virtual host, and its name."""
        if not broker.can_make_virtual_hosts:
            name = next(names)
            with shared_vhost(setting.loop_thread, broker, f"{name}-") as address:
                yield address, broker.virtual_host, name
            return
        hosts = fresh.setdefault(id(broker), [])
        if not hosts:
            hosts += itertools.islice(names, min(_HOSTS_AT_ONCE, len(request.session.items)))
            broker.create_virtual_hosts(hosts)
            if request.config.option.part_of:  # the broker outlives us, and each one slows its restart down
                to_the_end.callback(broker.delete_virtual_hosts, tuple(hosts))
        name = hosts.pop(0)
        yield broker.address, name, name

    with to_the_end:

        @functools.cache
        def envelopes() -> Envelopes:
            broker = request.config.stash[BROKER]
            apart = Bench(setting, broker, *to_the_end.enter_context(room(broker)), "how tasks are wrapped")
            return Envelopes(to_the_end.enter_context(contextlib.closing(apart)).published)

        def wrapped(text: str) -> Message:
            return envelopes().wrap(text)

        wrap = wrapped if setting.subject.envelope else plain

        @contextlib.contextmanager
        def make(broker: Broker, test: str) -> Iterator[Bench]:
            with room(broker) as place, in_use(Bench(setting, broker, *place, test, wrap)) as bench:
                yield bench
                if setting.lies:
                    _check_that_none_failed(bench.history.events)

        yield make


@pytest.fixture
def bench(request: pytest.FixtureRequest, new_bench: MakeBench) -> Iterator[Bench]:
    """The bench of one test."""
    if request.node.get_closest_marker("own_broker"):
        broker: Broker = request.getfixturevalue("own_broker")
    else:
        broker = request.config.stash[BROKER]
    with new_bench(broker, request.node.name) as made:
        yield made


@pytest.fixture
def other_bench(request: pytest.FixtureRequest, new_bench: MakeBench) -> Iterator[Bench]:
    """A second bench for the same test, with a virtual host of its own."""
    with new_bench(request.config.stash[BROKER], f"{request.node.name}, other") as made:
        yield made
