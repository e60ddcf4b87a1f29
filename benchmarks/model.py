"""The steps of the model (B49) beside those of a client that checks nothing."""

import contextlib
from collections.abc import Iterator

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.model.run import ModelRun
from workqueue_spec.bench.setting import Setting
from workqueue_spec.plugin.virtual_hosts import VirtualHosts
from workqueue_spec.programs import subject
from workqueue_spec.programs.fixed_address import placements
from workqueue_spec.wiretap import LoopThread

from .brokers import local_node
from .model_client import Stepper
from .processes import stopwatch
from .rows import Given, Row, at_least, ratios

TIMES = 10
"""How often the ten steps are taken in a round."""
STEPS = 10


def ten_steps(run: ModelRun) -> None:
    """The steps of `Stepper.ten_steps`, each compared with the model."""
    run.publishes(1)
    run.fetches(2)
    run.rejects(2)
    run.fetches(2)
    run.acknowledges(2)
    run.consumes(1, prefetch=1)
    run.publishes(2, messages=2)
    run.acknowledges(1)
    run.acknowledges(1)
    run.cancels(1)


def measure(given: Given) -> Iterator[Row]:
    """The steps a second with each queue type, as a number and beside pika."""
    for queue_type in ("classic", "quorum"):
        yield from _with_queues(queue_type, given)


def _with_queues(queue_type: str, given: Given) -> Iterator[Row]:
    chosen = subject.reference(queue_type)
    with contextlib.ExitStack() as stack:
        broker = stack.enter_context(local_node(given.run))
        loop_thread = stack.enter_context(LoopThread())
        made = stack.enter_context(placements(chosen, loop_thread))
        setting = Setting(given.run, loop_thread, chosen, made, queue_type, seed=0)
        hosts = VirtualHosts(loop_thread, f"model-{queue_type}", most=1)
        host, name = stack.enter_context(hosts.fresh(broker))
        stack.callback(hosts.delete)
        bench = stack.enter_context(contextlib.closing(Bench(setting, broker, host, name=name, test="")))
        run = ModelRun.on(bench)
        url = broker.address.url(host.name)
        counting = Stepper(url, queue_type, stack, counts=True)
        bare = Stepper(url, queue_type, stack, counts=False)
        takers = [lambda: ten_steps(run), counting.ten_steps, bare.ten_steps]
        speeds: list[list[float]] = [[] for _ in takers]
        for first in range(given.rounds):
            for each in range(len(takers)):
                taker = (first + each) % len(takers)
                began = stopwatch()
                for _ in range(TIMES):
                    takers[taker]()
                speeds[taker].append(STEPS * TIMES / (stopwatch() - began))
    model, with_counts, without = speeds
    what = f"the model, {queue_type} queue: "
    yield Row(f"{what}steps a second", "", tuple(model), "/s")
    yield Row(
        f"{what}speed", "pika that asks for the counts, too", ratios(model, with_counts), goal=at_least(0.7)
    )
    yield Row(f"{what}speed", "pika that asks for nothing", ratios(model, without))
