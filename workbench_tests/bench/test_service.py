"""A service under test: when it is ready, and the requests that ask it for a task. The processes are real."""

import contextlib
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from workqueue_spec.bench.parties.service import Service
from workqueue_spec.broker.ports import reserved_port
from workqueue_spec.judgement.history import History
from workqueue_spec.programs import service as programs
from workqueue_spec.programs.command import Command
from workqueue_spec.programs.process import Process
from workqueue_spec.programs.process_group import ProcessGroup
from workqueue_spec.timeouts import EVENTUALLY

LISTENS = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    asked = 0
    def do_GET(self):
        Handler.asked += 1
        self.send_response(200 if self.path == "/health?deep" and Handler.asked > 1 else 503)
        self.end_headers()
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
print("listening", flush=True)
server.serve_forever()
"""
ASKS = "import sys; words = sys.stdin.read(); print('asked for', words); sys.exit(len(words))"


class Started:
    """A service and the processes that were started for it."""

    def __init__(self, code: str, port: int, url: str = "", line: str = "") -> None:
        self.history = History()
        self._processes: list[Process] = []
        pattern = re.compile(line) if line else None
        kind = programs.Service(Command(("serve",), Path()), url, pattern)
        tap: Any = SimpleNamespace(connections=1)
        self.service = Service(
            self._process("service 1", code, str(port)),
            tap,
            self.history,
            kind,
            url=url,
            port=port,
            start=self._ask,
        )

    def _ask(self, service: str, words: Sequence[str]) -> Process:
        assert service == "service 1"
        return self._process(f"request {len(self._processes)}", ASKS, given=" ".join(words).encode())

    def _process(self, name: str, code: str, *arguments: str, given: bytes | None = None) -> Process:
        line = [sys.executable, "-c", code, *arguments]
        process = Process(
            name, self.history, lambda: ProcessGroup(line, os.environ, Path(), given=given), shown=name
        )
        self._processes.append(process)
        return process

    def close(self) -> None:
        for process in self._processes:
            process.end()


@contextlib.contextmanager
def started(code: str, **how: Any) -> Iterator[Started]:
    with reserved_port() as port:
        made = Started(code, port, **{key: value.format(port=port) for key, value in how.items()})
        with contextlib.closing(made):
            yield made


@pytest.mark.parametrize(
    "how",
    [{}, {"url": "http://127.0.0.1:{port}/health?deep"}, {"line": "^listen"}],
    ids=["its port", "a url", "a line"],
)
def test_a_service_is_ready_as_its_profile_says(how: dict[str, str]) -> None:
    with started(LISTENS, **how) as made:
        made.service.becomes_ready(EVENTUALLY)
        assert made.service.was_ready
        assert made.service.running


@pytest.mark.parametrize("how", [{}, {"url": "http://127.0.0.1:{port}/"}, {"line": "^ready"}])
def test_a_service_that_ends_is_not_ready(how: dict[str, str]) -> None:
    with started("print('oh')", **how) as made:
        made.service.becomes_ready(EVENTUALLY)
        assert not made.service.was_ready
        assert not made.service.running


def test_a_service_that_does_not_answer_well_is_not_ready() -> None:
    with started(LISTENS, url="http://127.0.0.1:{port}/nowhere") as made:
        made.service.becomes_ready(1.0)
        assert not made.service.was_ready
        assert made.service.running


def test_a_request_is_given_the_text_and_its_exit_status_counts() -> None:
    with started(LISTENS, line="listening") as made:
        made.service.becomes_ready(EVENTUALLY)
        request = made.service.is_asked("a", "task.")
        assert request.gives_up() == len("a task.")
        assert request.output == "asked for a task.\nlistening\n"
        assert made.service.running


def test_signals_to_a_request_go_to_the_service() -> None:
    with started(LISTENS) as made:
        made.service.becomes_ready(EVENTUALLY)
        request = made.service.is_asked("x" * 100_000)  # more than a pipe holds
        assert request.gives_up() == 100_000 % 256
        request.terminate()
        assert made.service.process.exit_status() == -15


def test_a_port_is_given_to_one_run_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    given = iter([[20_001], [20_001], [20_002]])
    monkeypatch.setattr("workqueue_spec.broker.ports.free_ports", lambda _: next(given))
    with reserved_port() as one, reserved_port() as other:
        assert (one, other) == (20_001, 20_002)
