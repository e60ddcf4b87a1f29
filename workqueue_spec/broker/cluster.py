"""A cluster of three RabbitMQ nodes, in containers or on this machine, and what may happen to its nodes.

A program reaches the cluster by a tap, which connects to a node that answers. How the nodes are parted does not
depend on where they run: Erlang refuses a connection between two nodes if their cookies differ, so each of them is
given a cookie of its own for the other.
"""

import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Self, TypeVar, cast

from ..errors import SetupError
from ..timeouts import POLL
from . import erlang
from .address import Address
from .base import UP_AND_DOWN, Broker, NodeBroker, RabbitMqBroker, own_folder, read_handle, write_handle
from .handshake import Greeting
from .local import LocalBroker
from .run import Run

SIZE = 3
"""Nodes of a cluster. It is the least number of which one may be lost."""
_TICK_SECONDS = 5
"""Seconds within which a node notices that another one has gone silent. Erlang's default of 60 s makes a test
long."""

Result = TypeVar("Result")


class ClusterBroker(RabbitMqBroker):
    """A cluster. What is done to it as a broker is done to all its nodes: after a kill none of them is up.

    It owns the nodes if it was opened, not if it was attached.
    """

    kind = "cluster"

    def __init__(self, nodes: Sequence[NodeBroker], folder: Path, *, owner: bool) -> None:
        self.nodes = tuple(nodes)
        self.address = Address.of_cluster([node.address for node in nodes])
        self._folder = folder
        self._owner = owner
        self._paused: set[int] = set()
        self._parted: set[tuple[int, int]] = set()
        self._introduce(Greeting(nodes[0].product, nodes[0].version))

    @classmethod
    def open(cls, image: str | None, run: Run) -> Self:
        """A new cluster that is complete, of containers of the image; None: of local nodes.

        Raises SetupError with the end of a log if a node does not start, or if the nodes do not find each other.
        """
        folder = own_folder(run)
        try:
            cluster = cls(_open_nodes(image, run), folder, owner=True)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        try:
            cluster.await_whole()
        except BaseException:
            cluster.close()
            raise
        return cluster

    @classmethod
    def attach(cls, handle: Mapping[str, str], attach_node: Callable[[Mapping[str, str]], Broker]) -> Self:
        """The cluster that another process of the run opened. `attach_node` attaches one node by its handle."""
        nodes = [cast("NodeBroker", attach_node(each)) for each in read_handle(handle)["nodes"]]
        return cls(nodes, Path(handle["file"]).parent, owner=False)

    def handle(self) -> dict[str, str]:
        """Names the file with the handles of its nodes."""
        return write_handle(self._folder, self.kind, {"nodes": [node.handle() for node in self.nodes]})

    def describe(self) -> str:
        """Says of how many nodes it consists, and where they run."""
        each = self.nodes[0].describe().partition(", ")[2]
        return f"{self.product} {self.version}, cluster of {len(self.nodes)}, each a {each}"

    # As one broker

    def stop(self) -> None:
        """Stops all nodes at once."""
        self._at_once(lambda node: node.stop())

    def kill(self) -> None:
        """Kills all nodes."""
        for node in self.nodes:
            node.kill()

    def start(self) -> None:
        """Starts all nodes at once: each waits for the others. Returns when the cluster is complete."""
        for node in self.nodes:
            node.launch()
        for node in self.nodes:
            node.await_answer()
        self.await_whole()

    def stop_application(self) -> None:
        """In all nodes at once."""
        self._at_once(lambda node: node.stop_application())

    def start_application(self) -> None:
        """In all nodes at once. Returns when the cluster is complete."""
        self._at_once(lambda node: node.start_application())
        self.await_whole()

    def evaluate(self, expression: str) -> str:
        """In the first node that can. Raises SetupError with what the last one says if none can."""
        *nodes, last = [node for number, node in enumerate(self.nodes) if number not in self._paused]
        for node in nodes:
            try:
                return node.evaluate(expression)
            except SetupError:  # it may be down, or without a majority
                continue
        return last.evaluate(expression)

    def evaluate_on_each_node(self, expression: str) -> None:
        """In every node."""
        for node in self.nodes:
            node.evaluate(expression)

    def close(self) -> None:
        """Ends the nodes if this process opened them."""
        for node in self.nodes:
            node.close()
        if self._owner:
            shutil.rmtree(self._folder, ignore_errors=True)

    # One node

    def leader(self, virtual_host: str, queue: str) -> int | None:
        """The number of the node that leads the queue, from 0 on; None if there is no such queue, or no leader."""
        found = self.evaluate(erlang.leader(virtual_host, queue)).strip("'")
        return self._names.index(found) if found in self._names else None

    def kill_node(self, number: int) -> None:
        """Kills one node by SIGKILL."""
        self.nodes[number].kill()

    def start_node(self, number: int) -> None:
        """Starts one node again, and returns when the cluster is complete."""
        self.nodes[number].start()
        self.await_whole()

    def stop_node(self, number: int) -> None:
        """Stops one node gracefully."""
        self.nodes[number].stop()

    def pause_node(self, number: int) -> None:
        """Stops the processes of one node where they are. Its ports and connections stay open, and are silent."""
        self._paused.add(number)
        self.nodes[number].pause()

    def resume_node(self, number: int) -> None:
        """Lets the node go on, and returns when the cluster is complete."""
        self.nodes[number].resume()
        self._paused.discard(number)
        self.await_whole()

    # Between the nodes

    def part(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Lets nothing pass between the two nodes of each pair, until `heal`. Clients reach all nodes as before."""
        new = {(min(pair), max(pair)) for pair in pairs} - self._parted
        apart: dict[int, list[int]] = {}
        for one, other in sorted(new):
            apart.setdefault(one, []).append(other)
            apart.setdefault(other, []).append(one)
        self._parted |= new
        # All cookies before the first connection is ended, and the node with the most ended connections first:
        # otherwise RabbitMQ would see nodes that lose each other one after another.
        for number, others in apart.items():
            self.nodes[number].evaluate(erlang.refusing([self._names[each] for each in others]))
        for number in sorted(apart, key=lambda each: len(apart[each]), reverse=True):
            self.nodes[number].evaluate(erlang.disconnecting([self._names[each] for each in apart[number]]))

    def heal(self) -> None:
        """Everything passes between all nodes again. Returns when the cluster is complete."""
        for one, other in sorted(self._parted):
            self.nodes[one].evaluate(erlang.accepting([self._names[other]]))
            self.nodes[other].evaluate(erlang.accepting([self._names[one]]))
        self._parted.clear()
        self.await_whole()

    def await_whole(self) -> None:
        """Waits until every node runs RabbitMQ, answers and sees all the others. Raises SetupError if that takes
        more than `UP_AND_DOWN` seconds.
        """
        deadline = time.monotonic() + UP_AND_DOWN
        for node in self.nodes:
            while _seen_by(node) != str(len(self.nodes) - 1):
                if time.monotonic() > deadline:
                    raise SetupError(
                        f"The {len(self.nodes)} nodes of the cluster did not find each other within "
                        f"{UP_AND_DOWN:.0f} s."
                    )
                time.sleep(POLL)
            node.await_answer()

    @cached_property
    def _names(self) -> list[str]:
        """The nodes' names, without quotes. They are read while all nodes are up."""
        return [node.evaluate("node()").strip("'") for node in self.nodes]

    def _at_once(self, act: Callable[[NodeBroker], Result]) -> list[Result]:
        with ThreadPoolExecutor(len(self.nodes)) as threads:
            return list(threads.map(act, self.nodes))


def _open_nodes(image: str | None, run: Run) -> Sequence[NodeBroker]:
    if image is None:
        return LocalBroker.open_members(SIZE, _arguments, run)
    from .container import ContainerBroker  # noqa: PLC0415 - it takes a third of a second

    return ContainerBroker.open_members(SIZE, image, _arguments, run)


def _arguments(names: Sequence[str]) -> str:
    """Erlang's arguments that make these nodes a cluster. No argument has a space in it."""
    quoted = ",".join(f"'{name}'" for name in names)
    return (
        f"-rabbit cluster_nodes {{[{quoted}],disc}} -rabbit cluster_partition_handling pause_minority "
        f"-kernel net_ticktime {_TICK_SECONDS}"
    )


def _seen_by(node: NodeBroker) -> str:
    """How many other nodes this node sees; empty if it does not run RabbitMQ."""
    try:
        return node.evaluate("case rabbit:is_running() of true -> length(nodes()); false -> '' end")
    except SetupError:
        return ""
