import base64
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote

import pytest

from workqueue_spec.broker import Address, attach
from workqueue_spec.broker.handshake import Greeting
from workqueue_spec.broker.management import LOCATION, Management
from workqueue_spec.broker.run import Run
from workqueue_spec.broker.url import Site, UrlBroker
from workqueue_spec.errors import SetupError

ADDRESS = Address("127.0.0.1", 5672, "me/you", "s3cret")


class Api(ThreadingHTTPServer):
    """The part of the management API that a broker given by URL uses."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.tags: Any = ["administrator"]
        self.virtual_hosts = {"/": True, "theirs": True}
        self.permitted: list[str] = []


class Handler(BaseHTTPRequestHandler):
    server: Api

    def do_GET(self) -> None:
        given = base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode()
        if given != "me/you:s3cret":
            self.reply(401)
        else:
            self.reply(200, {"name": "me/you", "tags": self.server.tags})

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        kind, name = self.path.split("/")[2:4]
        if kind == "permissions":
            self.server.permitted.append(unquote(name))
            self.reply(201)
        else:
            known = unquote(name) in self.server.virtual_hosts
            self.server.virtual_hosts[unquote(name)] = True
            self.reply(204 if known else 201)

    def do_DELETE(self) -> None:
        known = self.server.virtual_hosts.pop(unquote(self.path.split("/")[3]), False)
        self.reply(204 if known else 404)

    def reply(self, status: int, body: Any = None) -> None:
        text = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_arguments: Any) -> None:
        pass


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    server = Api()
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv(LOCATION, f"http://127.0.0.1:{server.server_port}/")
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def broker(run: Run) -> UrlBroker:
    return UrlBroker(
        Site(ADDRESS, "/", Greeting("RabbitMQ", "4.0.5"), may_administer=True), run.folder, owner=True
    )


@pytest.mark.parametrize(
    ("tags", "may"),
    [
        (["administrator"], True),
        ("management,administrator", True),
        ("administrator", True),
        (["management"], False),
        ("", False),
        (None, False),
    ],
)
def test_an_administrator_may_make_virtual_hosts(tags: Any, may: bool, api: Api) -> None:
    api.tags = tags

    assert Management(ADDRESS).may_administer() is may


def test_without_an_api_or_with_another_password_nobody_may(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not Management(Address("127.0.0.1", 5672, "me/you", "other")).may_administer()
    monkeypatch.setenv(LOCATION, "http://127.0.0.1:1")
    assert not Management(ADDRESS).may_administer()


def test_virtual_hosts_are_made_with_permissions_and_deleted(api: Api, broker: UrlBroker) -> None:
    broker.create_virtual_hosts(["a/b", "c"])
    broker.create_virtual_hosts(["a/b"])

    assert set(api.virtual_hosts) == {"/", "theirs", "a/b", "c"}
    assert api.permitted == ["a/b", "c"]

    broker.delete_virtual_hosts(["a/b", "never made"])

    assert set(api.virtual_hosts) == {"/", "theirs", "c"}


def test_what_the_run_did_not_make_is_neither_changed_nor_deleted(api: Api, broker: UrlBroker) -> None:
    broker.create_virtual_hosts(["theirs"])
    broker.delete_virtual_hosts(["theirs", "/"])
    broker.close()

    assert set(api.virtual_hosts) == {"/", "theirs"}
    assert api.permitted == []


def test_the_owner_deletes_what_any_process_of_the_run_made(api: Api, broker: UrlBroker, run: Run) -> None:
    attached = attach(broker.handle(), run)
    attached.create_virtual_hosts(["from a worker", "and another"])
    attached.close()
    del api.virtual_hosts["and another"]
    assert "from a worker" in api.virtual_hosts

    broker.close()

    assert set(api.virtual_hosts) == {"/", "theirs"}


def test_a_handle_says_all_and_shows_no_password(broker: UrlBroker, run: Run) -> None:
    handle = broker.handle()
    attached = attach(json.loads(json.dumps(handle)), run)

    assert "s3cret" not in json.dumps(handle)
    assert Path(handle["file"]).stat().st_mode & 0o777 == 0o600
    assert attached.address == broker.address
    assert attached.describe() == broker.describe() == "RabbitMQ 4.0.5 at amqp://me%2Fyou@127.0.0.1:5672"
    assert attached.can_make_virtual_hosts
    assert attached.virtual_host == "/"


def test_an_api_that_is_gone_is_one_sentence(broker: UrlBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LOCATION, "http://127.0.0.1:1")
    broker._management = Management(ADDRESS)

    with pytest.raises(SetupError, match="management API no longer answers"):
        broker.create_virtual_hosts(["a"])
