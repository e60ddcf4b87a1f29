"""What is shown of an error of the suite's own."""

import pytest

from workqueue_spec.errors import SetupError
from workqueue_spec.plugin.suite_errors import in_one_sentence, without_values


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASSWORD", "mellon-mellon")
    monkeypatch.setenv("PLAIN", "speak-friend")


def test_a_set_up_error_is_its_sentence() -> None:
    assert in_one_sentence(SetupError("Cannot start 'x'.\n  its log")) == "Cannot start 'x'."


def test_another_error_has_its_kind() -> None:
    assert in_one_sentence(OSError("out of paper\nmore")) == "OSError: out of paper"
    assert in_one_sentence(ValueError()) == "ValueError"


def test_a_secret_is_replaced_by_its_name() -> None:
    assert without_values("amqp://me:mellon-mellon@host") == "amqp://me:<DB_PASSWORD>@host"


def test_an_environment_that_is_printed_is_hidden() -> None:
    assert "speak-friend" not in without_values("{'HOME': '/root', 'PLAIN': 'speak-friend'}")
    assert without_values("speak-friend and enter") == "speak-friend and enter"
