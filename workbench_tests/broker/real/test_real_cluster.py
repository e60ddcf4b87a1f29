"""A real cluster of three local nodes.

The tests share a cluster, since a cluster takes seconds to start. Each leaves it complete.
"""

import itertools
import json
import time
from collections.abc import Iterator

import pika
import pytest

from workqueue_spec.broker import ClusterBroker, attach, open_broker
from workqueue_spec.broker.control import Control, connection_parameters
from workqueue_spec.broker.handshake import NotAmqp, Refused, greet
from workqueue_spec.broker.run import Run
from workqueue_spec.errors import SetupError
from workqueue_spec.timeouts import EVENTUALLY, POLL
from workqueue_spec.wiretap import LoopThread, Say, Upstream, WireEvent

from .opening import started_for

QUEUE = "kept"
PERSISTENT = pika.BasicProperties(delivery_mode=2)
NODES = (0, 1, 2)

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def cluster(run: Run) -> Iterator[ClusterBroker]:
    opened = open_broker("cluster:local", run)
    assert isinstance(opened, ClusterBroker)
    yield opened
    opened.close()


def completes(cluster: ClusterBroker) -> None:
    """A test that fails leaves the cluster to the next one as it was."""
    for node in cluster.nodes:
        node.resume()
        node.launch()
    cluster.heal()  # a node without a majority answers only after this


@pytest.fixture
def left_complete(cluster: ClusterBroker) -> Iterator[None]:
    yield
    completes(cluster)


@pytest.fixture
def queue(cluster: ClusterBroker) -> Iterator[str]:
    """A quorum queue with one confirmed message."""
    with Control(cluster.address, "/").channel() as channel:
        channel.queue_declare(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
    assert confirms(cluster) == 1
    yield QUEUE
    completes(cluster)
    with Control(cluster.address, "/").channel() as channel:
        channel.queue_delete(QUEUE)


def confirms(cluster: ClusterBroker) -> int:
    """Publishes a message until a node confirms it, as a producer should. Returns how often it was published: a
    message whose confirm was lost may be on the queue, too.
    """
    deadline = time.monotonic() + EVENTUALLY
    for times in itertools.count(1):
        try:
            with pika.BlockingConnection(connection_parameters(cluster.address, "/")) as connection:
                channel = connection.channel()
                channel.confirm_delivery()
                channel.basic_publish("", QUEUE, b"", PERSISTENT, mandatory=True)
                return times
        except pika.exceptions.AMQPError:
            assert time.monotonic() < deadline
            time.sleep(POLL)
    raise AssertionError("it counts for ever")


def holds(cluster: ClusterBroker, confirmed: int, published: int) -> bool:
    """Whether the queue comes to hold all that was confirmed, and no more than was published. A node that is back
    may answer with the count of before.
    """
    deadline = time.monotonic() + EVENTUALLY
    while True:
        counts = Control(cluster.address, "/").counts(QUEUE)
        if counts is not None and confirmed <= counts.ready <= published:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)


def answering(cluster: ClusterBroker) -> list[bool]:
    """Of each node, whether it lets a client in."""
    found = []
    for node in cluster.nodes:
        try:
            greet(node.address)
            found.append(True)
        except (OSError, NotAmqp, Refused):  # a killed node's port may accept a last connection, and reset it
            found.append(False)
    return found


def sees(cluster: ClusterBroker, number: int, count: int) -> None:
    """Waits until the node sees so many others."""
    deadline = time.monotonic() + EVENTUALLY
    while cluster.nodes[number].evaluate("length(nodes())") != str(count):
        assert time.monotonic() < deadline
        time.sleep(POLL)


def test_it_is_one_broker_of_three_nodes(cluster: ClusterBroker) -> None:
    assert cluster.describe().startswith(f"RabbitMQ {cluster.version}, cluster of 3, each a ")
    assert len(set(cluster.address.nodes())) == len(cluster.nodes) == 3
    assert answering(cluster) == [True] * 3
    cluster.create_virtual_hosts(["theirs"])
    for node in cluster.nodes:
        greet(node.address, "theirs")
    cluster.delete_virtual_hosts(["theirs"])


def test_a_queue_has_its_leader_on_a_node(cluster: ClusterBroker, queue: str) -> None:
    assert cluster.leader("/", queue) in NODES
    assert cluster.leader("/", "there is no such queue") is None


def test_a_confirm_comes_through_another_node_when_the_leader_is_killed(
    cluster: ClusterBroker, queue: str
) -> None:
    leader = cluster.leader("/", queue)
    assert leader is not None
    cluster.kill_node(leader)
    published = 1 + confirms(cluster)

    assert answering(cluster) == [number != leader for number in NODES]
    assert cluster.leader("/", queue) != leader
    assert cluster.evaluate("ok") == "ok"
    cluster.start_node(leader)
    assert holds(cluster, 2, published)


@pytest.mark.usefixtures("left_complete")
def test_a_tap_moves_to_a_node_that_answers(cluster: ClusterBroker) -> None:
    first, *others = cluster.address.nodes()
    events: list[WireEvent] = []
    with LoopThread() as loop_thread:
        there = Upstream(first.host, first.port, others=[(each.host, each.port) for each in others])
        tap = loop_thread.tap(there, events.append)
        url = first.url(host=tap.host, port=tap.port)
        pika.BlockingConnection(pika.URLParameters(url)).close()
        cluster.kill_node(0)
        pika.BlockingConnection(pika.URLParameters(url)).close()
        cluster.start_node(0)
        cluster.pause_node(1)
        pika.BlockingConnection(pika.URLParameters(url)).close()
        cluster.resume_node(1)
    notes = [event.note for event in events if event.name == Say.NOTED]
    assert notes == [f"on the node at {node.host}:{node.port}" for node in (first, *others)]


def test_a_paused_node_is_lost_to_the_others_and_comes_back(cluster: ClusterBroker, queue: str) -> None:
    leader = cluster.leader("/", queue)
    assert leader is not None
    cluster.pause_node(leader)
    for number in set(NODES) - {leader}:
        sees(cluster, number, 1)
    published = 1 + confirms(cluster)

    assert answering(cluster)[leader] is False
    cluster.resume_node(leader)
    assert answering(cluster) == [True] * 3
    assert holds(cluster, 2, published)


def test_nothing_passes_between_parted_nodes_until_they_are_healed(
    cluster: ClusterBroker, queue: str
) -> None:
    leader = cluster.leader("/", queue)
    assert leader is not None
    rest = [number for number in NODES if number != leader]
    cluster.part((leader, number) for number in rest)
    published = 1 + confirms(cluster)

    assert [node.evaluate("length(nodes())") for node in cluster.nodes] == [
        "0" if number == leader else "1" for number in NODES
    ]
    parted = cluster.nodes[leader].evaluate("node()")
    assert cluster.nodes[rest[0]].evaluate(f"net_adm:ping({parted})") == "pang"
    # The parted node is asked first if its number is 0, and knows no better until RabbitMQ has paused it.
    deadline = time.monotonic() + EVENTUALLY
    while (now := cluster.leader("/", queue)) not in rest and time.monotonic() < deadline:
        time.sleep(POLL)
    assert now in rest
    cluster.heal()
    assert answering(cluster) == [True] * 3
    assert holds(cluster, 2, published)


def test_what_is_done_to_all_nodes_keeps_the_data(cluster: ClusterBroker, queue: str) -> None:
    address = cluster.address
    cluster.stop_application()
    assert answering(cluster) == [False] * 3
    cluster.start_application()
    assert holds(cluster, 1, 1)
    cluster.kill()
    assert answering(cluster) == [False] * 3
    with pytest.raises(SetupError, match="it is down"):
        cluster.evaluate("ok")
    cluster.start()

    assert cluster.address == address
    assert holds(cluster, 1, 1)


def test_a_setting_reaches_every_node(cluster: ClusterBroker) -> None:
    cluster.evaluate_on_each_node("application:set_env(rabbit, of_a_test, 7)")

    assert {node.evaluate("application:get_env(rabbit, of_a_test)") for node in cluster.nodes} == {"{ok, 7}"}


def test_another_process_may_use_it_but_not_end_it(cluster: ClusterBroker, run: Run) -> None:
    attached = attach(json.loads(json.dumps(cluster.handle())), Run(run.folder))

    assert attached.kind == "cluster"
    assert attached.describe() == cluster.describe()
    assert attached.address == cluster.address
    attached.close()
    assert answering(cluster) == [True] * 3


@pytest.mark.usefixtures("left_complete")
def test_it_may_be_given_by_the_urls_of_its_nodes(
    cluster: ClusterBroker, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.kill_node(0)
    urls = ",".join(node.url() for node in cluster.address.nodes())
    by_url = open_broker(urls, run)
    first, second, third = cluster.address.nodes()

    assert "going on without a node: No broker answers at" in capsys.readouterr().err
    assert list(by_url.address.nodes()) == [second, third, first]
    assert not by_url.ours
    again = attach(json.loads(json.dumps(by_url.handle())), run)
    assert again.address == by_url.address
    by_url.close()
    cluster.start_node(0)


def test_a_paused_cluster_that_is_closed_leaves_no_process_and_no_folder() -> None:
    run = Run.begin()
    cluster = open_broker("cluster:local", run)
    assert isinstance(cluster, ClusterBroker)
    assert len(started_for(run)) > 3
    cluster.pause_node(1)
    cluster.close()

    assert started_for(run) == []
    assert list(run.folder.glob("broker-*")) == []
    run.end()
