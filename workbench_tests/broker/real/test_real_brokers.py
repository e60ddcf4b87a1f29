"""Real brokers: a local node, and a container of each image that this machine's engine has."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pika
import psutil
import pytest

from workqueue_spec.broker import Broker, attach, open_broker
from workqueue_spec.broker.engine import clear_dead_containers
from workqueue_spec.broker.run import Run
from workqueue_spec.errors import SetupError

from .opening import open_real, started_for

IMAGES = ["rabbitmq:3.8-debian", "rabbitmq:4.0-debian", "rabbitmq:4.3-debian", "rabbitmq:4.0"]
VIRTUAL_HOST = "a/b \N{SNOWMAN} 'c'"
PERSISTENT = pika.BasicProperties(delivery_mode=2)

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]


@pytest.fixture(scope="module", params=["local", *IMAGES])
def broker(request: pytest.FixtureRequest, run: Run) -> Iterator[Broker]:
    broker = open_real(request.param, run)
    yield broker
    broker.close()


def channel(broker: Broker, virtual_host: str = "/") -> pika.channel.Channel:
    connection = pika.BlockingConnection(pika.URLParameters(broker.address.url(virtual_host)))
    return connection.channel()


def messages(broker: Broker) -> int:
    opened = channel(broker)
    count: int = opened.queue_declare("kept", passive=True).method.message_count
    opened.connection.close()
    return count


@pytest.fixture
def kept(broker: Broker) -> Iterator[None]:
    """A durable queue that holds one persistent, confirmed message."""
    opened = channel(broker)
    opened.queue_declare("kept", durable=True)
    opened.confirm_delivery()
    opened.basic_publish("", "kept", b"", PERSISTENT, mandatory=True)
    opened.connection.close()
    yield
    channel(broker).queue_delete("kept")


def test_it_says_what_it_is(broker: Broker) -> None:
    assert broker.product == "RabbitMQ"
    assert broker.describe().startswith(f"RabbitMQ {broker.version}, ")
    assert broker.ours
    assert broker.evaluates
    assert broker.can_make_virtual_hosts
    assert broker.version in broker.evaluate("rabbit_misc:version()").replace('"', "")


def test_an_expression_that_fails_says_so(broker: Broker) -> None:
    with pytest.raises(SetupError, match="did not run an expression"):
        broker.evaluate("1/0")
    with pytest.raises(SetupError, match="did not run an expression"):
        broker.evaluate("no Erlang")


def test_several_expressions_may_be_evaluated_at_once(broker: Broker) -> None:
    expressions = [f"timer:sleep(200), {number}" for number in range(8)]

    with ThreadPoolExecutor(len(expressions)) as askers:
        assert list(askers.map(broker.evaluate, expressions)) == [str(number) for number in range(8)]


def test_virtual_hosts_are_made_and_deleted(broker: Broker) -> None:
    names = [VIRTUAL_HOST, "second"]

    broker.create_virtual_hosts(names)
    broker.create_virtual_hosts(names)
    for name in names:
        channel(broker, name).queue_declare("q", durable=True)
    broker.delete_virtual_hosts(names)
    broker.delete_virtual_hosts(names)

    with pytest.raises(pika.exceptions.AMQPError):
        channel(broker, VIRTUAL_HOST)


@pytest.mark.usefixtures("kept")
def test_its_data_survives_a_restart_at_the_same_address(broker: Broker) -> None:
    address = broker.address

    broker.restart()

    assert broker.address == address
    assert messages(broker) == 1


@pytest.mark.usefixtures("kept")
def test_rabbitmq_restarts_within_a_node_that_has_just_started(broker: Broker) -> None:
    broker.restart()
    broker.stop_application()
    with pytest.raises(pika.exceptions.AMQPConnectionError):
        channel(broker)
    broker.start_application()

    assert messages(broker) == 1


@pytest.mark.usefixtures("kept")
def test_its_data_survives_sigkill(broker: Broker) -> None:
    # RabbitMQ 3.10 says that a queue is declared some time before it is on disk. After a restart it is on disk.
    broker.restart()
    broker.kill()
    with pytest.raises(pika.exceptions.AMQPConnectionError):
        channel(broker)
    broker.start()

    assert messages(broker) == 1


def test_a_stop_of_a_stopped_and_a_start_of_a_started_broker_do_nothing(broker: Broker) -> None:
    broker.start()
    broker.stop()
    broker.stop()
    broker.kill()
    with pytest.raises(SetupError, match="it is down"):
        broker.evaluate("ok")
    broker.start()

    assert broker.evaluate("ok") == "ok"


@pytest.mark.usefixtures("kept")
def test_another_process_may_use_and_restart_it_but_not_end_it(broker: Broker, run: Run) -> None:
    attached = attach(json.loads(json.dumps(broker.handle())), Run(run.folder))

    assert attached.describe() == broker.describe()
    assert attached.address == broker.address
    attached.restart()
    attached.kill()
    attached.close()
    broker.start()

    assert messages(broker) == 1


def test_a_broker_given_by_url_is_left_as_it_is(broker: Broker, run: Run) -> None:
    by_url = open_broker(broker.address.url(), run)

    assert by_url.describe() == f"RabbitMQ {broker.version} at {broker.address.shown()}"
    assert not by_url.ours
    assert not by_url.can_make_virtual_hosts
    by_url.close()
    with pytest.raises(SetupError, match=r"ACCESS_REFUSED"):
        open_broker(broker.address.url().replace("guest:guest", "guest:wrong"), run)
    with pytest.raises(SetupError, match=r"refuses virtual host 'none'"):
        open_broker(broker.address.url("none"), run)


def test_a_closed_local_node_leaves_no_process_and_no_folder() -> None:
    run = Run.begin()
    broker = open_broker("local", run)
    assert started_for(run)
    broker.close()

    assert started_for(run) == []
    assert list(Path(run.folder).glob("broker-*")) == []
    run.end()


def test_a_local_node_listens_on_loopback_alone(run: Run) -> None:
    broker = open_broker("local", run)
    addresses = {
        connection.laddr.ip
        for process in started_for(run)
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    broker.close()

    assert addresses
    assert addresses <= {"127.0.0.1", "::1"}


def test_containers_of_a_dead_run_are_removed_and_no_others(run: Run) -> None:
    living = open_real(IMAGES[1], run)
    dead = Run.begin()
    left = open_real(IMAGES[1], dead)
    clear_dead_containers(dead.name)

    with pytest.raises(pika.exceptions.AMQPConnectionError):
        channel(left)
    assert living.evaluate("ok") == "ok"
    living.close()
    left.close()
    dead.end()
