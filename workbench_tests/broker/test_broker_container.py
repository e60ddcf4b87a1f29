"""Expressions in a container whose engine loses some of the output."""

from pathlib import Path
from unittest.mock import MagicMock

import pytest

from workqueue_spec.broker.container import ContainerBroker, Placed
from workqueue_spec.errors import SetupError


def broker(tmp_path: Path, *answers: tuple[int, bytes]) -> ContainerBroker:
    client = MagicMock()
    container = client.client.containers.get.return_value
    container.attrs = {"State": {"Running": True}}
    container.exec_run.side_effect = answers
    return ContainerBroker(client, Placed("name", "image", "127.0.0.1", 5672), tmp_path, owner=False)


def test_an_answer_that_the_engine_lost_is_asked_for_again(tmp_path: Path) -> None:
    assert broker(tmp_path, (0, b""), (0, b""), (0, b"{ok, 1}")).evaluate("1") == "1"


def test_an_answer_that_is_always_lost_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="did not run an expression"):
        broker(tmp_path, *[(0, b"")] * 5).evaluate("1")


def test_a_command_that_fails_is_not_run_again(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no such node"):
        broker(tmp_path, (1, b"no such node"), (0, b"{ok, 1}")).evaluate("1")
