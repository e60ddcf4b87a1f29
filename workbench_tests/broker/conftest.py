"""What the tests of the brokers share: a run in a temporary folder, and servers that answer as told."""

import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from workqueue_spec.broker.run import Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    # Its processes are found by its name, and other tests run at the same time.
    folder = tmp_path / f"run-{secrets.token_hex(4)}"
    folder.mkdir()
    return Run(folder)


@pytest.fixture
def answering() -> Iterator[Callable[..., int]]:
    """Starts a server that answers what it reads with the given texts, one after another, and hangs up."""
    listeners: list[socket.socket] = []

    def serve(*answers: bytes) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        threading.Thread(target=_serve, args=(listener, answers), daemon=True).start()
        port: int = listener.getsockname()[1]
        return port

    yield serve
    for listener in listeners:
        listener.close()


def _serve(listener: socket.socket, answers: tuple[bytes, ...]) -> None:
    connection, _peer = listener.accept()
    with connection, suppress(OSError):
        for answer in answers:
            connection.recv(4096)
            connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass
