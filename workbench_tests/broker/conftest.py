"""Fixtures for the tests of the brokers: a run in a temporary folder, and servers with given answers."""

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
    # A run's processes are found by its name, and other tests run at the same time, so the name is random.
    folder = tmp_path / f"run-{secrets.token_hex(4)}"
    folder.mkdir()
    return Run(folder)


@pytest.fixture
def answering() -> Iterator[Callable[..., int]]:
    """Starts a server that sends one of the given answers after each read, and then closes the connection."""
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
