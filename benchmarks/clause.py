"""What a clause costs before it asks anything: its virtual host and bench, and the start of one worker."""

import contextlib
from collections.abc import Callable, Iterator

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.setting import Setting
from workqueue_spec.plugin.virtual_hosts import VirtualHosts
from workqueue_spec.programs import subject
from workqueue_spec.programs.fixed_address import placements
from workqueue_spec.wiretap import LoopThread

from .brokers import local_node
from .processes import stopwatch
from .rows import Given, Row, at_most

CLAUSES = 12
"""Clauses in a round. The suite makes as many virtual hosts in one call, so each costs its share of that call."""


def measure(given: Given) -> Iterator[Row]:
    """The whole overhead, and how much of it a clause without programs has."""
    chosen = subject.reference("classic")
    with contextlib.ExitStack() as stack:
        broker = stack.enter_context(local_node(given.run))
        loop_thread = stack.enter_context(LoopThread())
        made = stack.enter_context(placements(chosen, loop_thread))
        setting = Setting(given.run, loop_thread, chosen, made, "classic", seed=0)

        def milliseconds(name: str, stimulus: Callable[[Bench], object]) -> float:
            hosts = VirtualHosts(loop_thread, name, most=CLAUSES)
            began = stopwatch()
            for _ in range(CLAUSES):
                with hosts.fresh(broker) as (host, its_name):
                    bench = Bench(setting, broker, host, name=its_name, test="")
                    with contextlib.closing(bench):
                        stimulus(bench)
            took = stopwatch() - began
            hosts.delete()
            return took / CLAUSES * 1000

        with_worker, alone = [], []
        for number in range(given.few_rounds):
            with_worker.append(milliseconds(f"{number}-worker", Bench.start_worker))
            alone.append(milliseconds(f"{number}-alone", bool))
    what = "a clause's own overhead"
    yield Row(f"{what}: virtual host, one worker's start", "", tuple(with_worker), "ms", at_most(250))
    yield Row(f"{what}: virtual host alone", "", tuple(alone), "ms")
