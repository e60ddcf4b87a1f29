"""The program under test: its commands and its profile, and a clear sentence for each mistake."""

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workqueue_spec import subject
from workqueue_spec.errors import SetupError
from workqueue_spec.options import without_password
from workqueue_spec.subject import Command


def profile(folder: Path, text: str) -> Path:
    file = folder / "profile.toml"
    file.write_text(text)
    return file


GOOD = 'producer = ["node", "send.js"]\nworker = ["node", "work.js"]\n'


def test_a_profile(tmp_path: Path) -> None:
    text = GOOD + 'name = "amqplib"\nseconds_per_dot = 1\n[known_failures]\nW12 = "blocks"\n'
    found = subject.from_profile(profile(tmp_path, text), "classic")
    assert found.name == "amqplib"
    assert found.worker == Command(("node", "work.js"), tmp_path)
    assert found.seconds_per_dot == 1
    assert found.known_failures == {"W12": "blocks"}


def test_a_bare_python_is_the_suites_own(tmp_path: Path) -> None:
    found = subject.from_profile(profile(tmp_path, GOOD.replace('"node"', '"python"')), "classic")
    assert found.producer.parts[0] == sys.executable


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("producer = [", "not TOML"),
        ('producer = ["x"]\n', "names no worker"),
        (GOOD + "colour = 1\n", "unknown key 'colour'"),
        (GOOD + 'seconds_per_dot = "1"\n', "'seconds_per_dot' has the wrong type"),
        (GOOD + "seconds_per_dot = true\n", "'seconds_per_dot' has the wrong type"),
        ('producer = "node send.js"\nworker = ["x"]\n', "'producer' has the wrong type"),
        ("producer = []\nworker = ['x']\n", "producer is to be a list of texts"),
        (GOOD + "[environment]\nA = 1\n", "environment.A is not a text"),
    ],
)
def test_a_mistake_in_a_profile_is_said(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SetupError, match=says):
        subject.from_profile(profile(tmp_path, text), "classic")


def test_a_profile_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="Cannot read the profile"):
        subject.from_profile(tmp_path / "none.toml", "classic")


@pytest.mark.parametrize(("command", "says"), [("", "empty"), ("'", "cannot be read")])
def test_a_mistake_in_a_command_is_said(command: str, says: str) -> None:
    with pytest.raises(SetupError, match=says):
        subject.from_commands(None, command, "classic")


def test_a_program_that_is_not_there_is_said() -> None:
    with pytest.raises(SetupError, match="'no-such-program' is not a program"):
        subject.check(subject.from_commands(None, "no-such-program now", "classic"))


@pytest.mark.parametrize("seconds", [0, -1, 11, float("nan")])
def test_a_dot_must_take_a_sensible_time(seconds: float) -> None:
    with pytest.raises(SetupError, match="cannot be judged"):
        subject.check(subject.with_seconds_per_dot(subject.reference("classic"), seconds))


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        (("send",), ["send", "a", "task."]),
        (("send", "--to", "{url}"), ["send", "--to", "amqp://x", "a", "task."]),
        (("send", "{task}", "{host}:{port}"), ["send", "a", "task.", "localhost:5672"]),
    ],
)
def test_places_in_a_command_are_filled(parts: tuple[str, ...], line: list[str]) -> None:
    places = {"url": "amqp://x", "host": "localhost", "port": "5672"}
    assert Command(parts, Path()).filled(places, ["a", "task."]) == line


@given(st.floats(0.01, 10), st.floats(0.001, 100))
def test_there_are_dots_enough(seconds_per_dot: float, seconds: float) -> None:
    chosen = subject.with_seconds_per_dot(subject.reference("classic"), seconds_per_dot)
    assert chosen.dots(seconds) * seconds_per_dot >= seconds * (1 - 1e-9)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("amqp://me:secret@host:5672/%2F", "amqp://me:...@host:5672/%2F"),
        ("amqp://me:p@ss@host", "amqp://me:...@host"),
        ("amqp://me@host", "amqp://me@host"),
        ("amqp://host", "amqp://host"),
        ("docker:rabbitmq:4.0", "docker:rabbitmq:4.0"),
    ],
)
def test_a_password_is_never_shown(url: str, shown: str) -> None:
    assert without_password(url) == shown
