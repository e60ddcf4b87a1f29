"""A real GarageMQ, from the PATH or from the distribution's package."""

import json
import os
import secrets
import signal
from collections.abc import Iterator
from pathlib import Path

import pika
import psutil
import pytest

from workqueue_spec.broker import Broker, attach, open_broker
from workqueue_spec.broker.health import ailment, check_takes_messages
from workqueue_spec.broker.run import Run, dead_runs
from workqueue_spec.errors import SetupError

from .opening import started_for

PERSISTENT = pika.BasicProperties(delivery_mode=2)

pytestmark = [pytest.mark.broker, pytest.mark.timeout(120)]


@pytest.fixture
def broker(run: Run) -> Iterator[Broker]:
    broker = open_broker("garagemq", run)
    yield broker
    broker.close()


def connect(broker: Broker) -> pika.BlockingConnection:
    return pika.BlockingConnection(pika.URLParameters(broker.address.url(broker.virtual_host)))


def keep_one_message(broker: Broker) -> None:
    connection = connect(broker)
    channel = connection.channel()
    channel.queue_declare("kept", durable=True)
    channel.confirm_delivery()
    channel.basic_publish("", "kept", b"kept", PERSISTENT, mandatory=True)
    connection.close()


def messages(broker: Broker) -> int:
    connection = connect(broker)
    count: int = connection.channel().queue_declare("kept", passive=True).method.message_count
    connection.close()
    return count


def test_it_says_what_it_is_and_what_it_cannot(broker: Broker) -> None:
    assert broker.product == "garagemq"
    assert broker.describe().startswith(f"garagemq {broker.version}, ")
    assert broker.ours
    assert broker.starts_at_once
    assert not broker.evaluates
    assert not broker.can_make_virtual_hosts
    with pytest.raises(SetupError, match="one virtual host"):
        broker.create_virtual_hosts(["second"])
    check_takes_messages(broker)
    assert ailment(broker) == ""


def test_it_listens_on_loopback_alone_and_its_folder_is_its_owners(broker: Broker, run: Run) -> None:
    listening = {
        connection.laddr.ip
        for process in started_for(run)
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}
    for folder in run.folder.glob("broker-*"):
        assert folder.stat().st_mode & 0o077 == 0


def test_its_data_survives_a_restart_and_sigkill_at_the_same_address(broker: Broker) -> None:
    keep_one_message(broker)
    address = broker.address

    broker.restart()
    assert messages(broker) == 1
    broker.kill()
    with pytest.raises(pika.exceptions.AMQPConnectionError):
        connect(broker)
    assert broker.own_end() == ""
    broker.start()

    assert broker.address == address
    assert messages(broker) == 1


def test_a_client_that_does_not_answer_holds_up_a_stop_and_no_more(broker: Broker) -> None:
    connection = connect(broker)

    broker.stop()

    assert broker.own_end() == ""
    broker.stop()
    broker.start()
    broker.start()
    connect(broker).close()
    with pytest.raises(pika.exceptions.AMQPError):
        connection.channel()


def test_another_process_may_use_and_restart_it_but_not_end_it(broker: Broker, run: Run) -> None:
    keep_one_message(broker)
    attached = attach(json.loads(json.dumps(broker.handle())), Run(run.folder))

    assert attached.describe() == broker.describe()
    attached.restart()
    attached.close()

    assert messages(broker) == 1


def test_one_that_ends_by_itself_is_known_by_its_last_words(broker: Broker, run: Run) -> None:
    (process,) = [each for each in started_for(run) if str(broker.address.port) in listens_at(each)]
    process.send_signal(signal.SIGABRT)  # a Go program reports this as it reports a panic
    psutil.wait_procs([process], timeout=10)

    assert ailment(broker).startswith("it ended by itself: ")
    broker.start()
    assert ailment(broker) == ""


def listens_at(process: psutil.Process) -> str:
    return " ".join(
        str(each.laddr.port) for each in process.net_connections("tcp") if each.status == psutil.CONN_LISTEN
    )


def test_a_closed_one_leaves_no_process_and_no_folder() -> None:
    run = Run.begin()
    broker = open_broker("garagemq", run)
    assert started_for(run)
    broker.close()

    assert started_for(run) == []
    assert list(run.folder.glob("broker-*")) == []
    run.end()


def test_what_a_killed_run_leaves_is_removed_by_the_next_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    dead = Run.begin()
    open_broker("garagemq", dead)
    assert dead._lock is not None
    os.close(dead._lock)  # as the operating system does when the process has ended
    dead._lock = None

    (found,) = dead_runs()
    found.end()

    assert started_for(dead) == []
    assert not dead.folder.exists()


def test_a_program_on_the_path_that_does_not_start_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, run: Run
) -> None:
    program = tmp_path / "garagemq"
    program.write_text("#!/bin/sh\necho no luck\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    with pytest.raises(SetupError, match=r"ended with status 3 while starting\.\n    no luck"):
        open_broker("garagemq", run)


def test_without_apt_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.setenv("PATH", f"/nowhere-{secrets.token_hex(4)}")

    with pytest.raises(SetupError, match="no apt-get to fetch it: put the program garagemq on the PATH"):
        open_broker("garagemq", run)
