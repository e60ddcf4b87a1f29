"""Whole runs on RabbitMQ's own TLS listener, with a certificate of a private authority."""

import base64
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote, unquote

import pytest

from workqueue_spec.broker import Broker, local
from workqueue_spec.broker.management import LOCATION
from workqueue_spec.broker.ports import free_ports
from workqueue_spec.broker.run import Run

from ..certificates import Certificates, made_in
from .whole_runs import LONG_ENOUGH, begin, run_folders, run_processes

pytestmark = pytest.mark.broker

CLAUSES = "P01 or P10 or P13 or P18 or P20 or W01 or W03 or W05 or W14 or W25 or W26 or B01 or B07"
PASSWORD = "pa/ss@wörd"

_WITH_TLS = """\
listeners.ssl.1 = 127.0.0.1:{port}
ssl_options.cacertfile = {files.ca}
ssl_options.certfile = {files.certificate}
ssl_options.keyfile = {files.key}
ssl_options.verify = verify_none
ssl_options.fail_if_no_peer_cert = false
"""


@dataclass(frozen=True)
class Listener:
    """A broker, the URL of its TLS listener, and the certificate of its authority."""

    broker: Broker
    url: str
    ca: Path

    def count(self, of: str) -> int:
        """How many queues or virtual hosts the broker has."""
        return int(self.broker.evaluate(f"length({of})"))


@pytest.fixture(scope="module")
def listener(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listener]:
    files: Certificates = made_in(tmp_path_factory.mktemp("certificates"))
    (port,) = free_ports(1)
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setattr(
            local, "_CONFIGURATION", local._CONFIGURATION + _WITH_TLS.format(port=port, files=files)
        )
        run = Run.begin()
        stack.callback(run.end)
        broker = stack.enter_context(closing(local.LocalBroker.open(run)))
        secret = ",".join(map(str, PASSWORD.encode()))
        broker.evaluate(
            f'rabbit_auth_backend_internal:change_password(<<"guest">>, <<{secret}>>, <<"the test">>)'
        )
        yield Listener(broker, f"amqps://guest:{quote(PASSWORD, safe='')}@127.0.0.1:{port}", files.ca)


@contextmanager
def management_api(broker: Broker) -> Iterator[str]:
    """The URL of the part of the management API that a run uses; the node itself is without plugins."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply(200, json.dumps({"name": "guest", "tags": ["administrator"]}).encode())

        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            broker.create_virtual_hosts([unquote(self.path.split("/")[3])])
            self.reply(201)

        def do_DELETE(self) -> None:
            broker.delete_virtual_hosts([unquote(self.path.split("/")[3])])
            self.reply(204)

        def reply(self, status: int, body: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize("managed", [False, True], ids=["in one virtual host", "in virtual hosts of its own"])
def test_a_run_by_tls_judges_and_leaves_nothing(folder: Path, listener: Listener, managed: bool) -> None:
    report = folder / "report.json"
    with ExitStack() as stack:
        variables = {"THE_BROKER": listener.url}
        if managed:
            variables[LOCATION] = stack.enter_context(management_api(listener.broker))
        run = begin(
            folder,
            *("--broker", "env:THE_BROKER", "--broker-ca", str(listener.ca), "--report-json", str(report)),
            *("-k", CLAUSES, "--numprocesses", "2"),
            **variables,
        )
        output, _ = run.communicate(timeout=2 * LONG_ENOUGH)

    assert run.returncode == 0, output
    clauses = json.loads(report.read_text())["clauses"]
    assert {each["outcome"] for each in clauses} == {"passed"}, output
    assert len(clauses) == len(CLAUSES.split(" or "))
    assert listener.count("rabbit_amqqueue:list()") == 0
    assert listener.count("rabbit_vhost:list_names()") == 1
    assert not run_processes(folder)
    assert not run_folders(folder)


def test_a_certificate_that_is_not_trusted_is_one_sentence(folder: Path, listener: Listener) -> None:
    run = begin(folder, "--broker", "env:THE_BROKER", "-k", "P01", THE_BROKER=listener.url)
    output, _ = run.communicate(timeout=LONG_ENOUGH)

    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert "is not trusted" in output
    assert "--broker-ca FILE.pem" in output
    assert "Traceback" not in output


def test_an_authority_may_be_named_by_openssls_own_variable(folder: Path, listener: Listener) -> None:
    run = begin(
        folder,
        *("--broker", "env:THE_BROKER", "-k", "P10", "--numprocesses", "0"),
        THE_BROKER=listener.url,
        SSL_CERT_FILE=str(listener.ca),
    )
    output, _ = run.communicate(timeout=LONG_ENOUGH)

    assert run.returncode == 0, output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--broker", "env:NO_SUCH"], "needs a broker's URL in the environment variable NO_SUCH"),
        (["--broker", "env:HOME"], "The environment variable HOME must hold a broker's URL"),
        (["--broker-ca", "ca.pem"], "--broker-ca is for a broker at an amqps:// URL only"),
        (["--broker", "amqps://127.0.0.1:1", "--broker-ca", "nosuch.pem"], "No such file or directory"),
        (["--broker", "amqps://127.0.0.1:1", "--broker-ca", "README.md"], "it holds no certificate as PEM"),
    ],
)
def test_a_wrong_place_is_one_sentence(folder: Path, arguments: list[str], sentence: str) -> None:
    run = begin(folder, *arguments, "-k", "P01")
    output, _ = run.communicate(timeout=LONG_ENOUGH)

    assert run.returncode == pytest.ExitCode.USAGE_ERROR, output
    assert sentence in output
    assert "Traceback" not in output


def test_a_password_that_a_program_prints_is_shown_nowhere(folder: Path, listener: Listener) -> None:
    """As it is, in its URL, and as SASL encodes it: in the console, in the JSON report and in the JUnit file."""
    program = folder / "talkative.py"
    program.write_text(
        "import base64, os, socket, sys, urllib.parse\n"
        "url = os.environ['AMQP_URL']\n"
        "parts = urllib.parse.urlsplit(url)\n"
        "socket.create_connection((parts.hostname, parts.port)).close()\n"
        "password = urllib.parse.unquote(urllib.parse.urlsplit(url).password)\n"
        "print(url, password, [password.encode()])\n"
        "print(base64.b64encode(b'\\0guest\\0' + password.encode()).decode())\n"
        "sys.exit(1)\n"
    )
    files = [folder / "report.json", folder / "report.xml"]
    run = begin(
        folder,
        *("--broker", "env:THE_BROKER", "--broker-ca", str(listener.ca), "--numprocesses", "0"),
        *("--report-json", str(files[0]), "--junitxml", str(files[1]), "-k", "P10"),
        *("--producer", f"{sys.executable} {program}"),
        THE_BROKER=listener.url,
    )
    output, _ = run.communicate(timeout=LONG_ENOUGH)

    assert run.returncode == 1, output
    encoded = base64.b64encode(b"\0guest\0" + PASSWORD.encode()).decode()
    for shown in (output, *(file.read_text() for file in files)):
        assert "***" in shown
        for form in (PASSWORD, quote(PASSWORD, safe=""), repr(PASSWORD.encode())[2:-1], encoded):
            assert form not in shown
