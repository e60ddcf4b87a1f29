"""A command line with placeholders in it."""

from pathlib import Path

import pytest

from workqueue_spec.programs import command
from workqueue_spec.programs.command import Command

VALUES = {"url": "amqp://x", "host": "localhost", "port": "5672"}


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        (("send",), ["send", "a", "task."]),
        (("send", "--to", "{url}"), ["send", "--to", "amqp://x", "a", "task."]),
        (("send", "{task}", "{host}:{port}"), ["send", "a", "task.", "localhost:5672"]),
        (("send", '{"text": "{text}", "to": {port}}'), ["send", '{"text": "a task.", "to": 5672}']),
        (("send", '{"text": {text_json}}'), ["send", '{"text": "a task."}']),
        (
            ("sh", "-c", "echo ${host} {{host}} {HOST}", "{task}"),
            ["sh", "-c", "echo ${host} {host} {HOST}", "a", "task."],
        ),
    ],
)
def test_placeholders_in_a_command_are_filled(parts: tuple[str, ...], line: list[str]) -> None:
    assert Command(parts, Path()).filled(VALUES, ["a", "task."]) == line


def test_a_text_in_json_is_escaped_there() -> None:
    line = Command(("send", "{text_json}"), Path()).filled(VALUES, ['"Grüße"', "\n{url}"])
    assert line == ["send", '"\\"Grüße\\" \\n{url}"']


def test_words_are_appended_unless_they_come_another_way() -> None:
    assert Command(("ask", "{port}"), Path()).filled(VALUES, ["a", "task."], append=False) == ["ask", "5672"]


def test_what_is_filled_in_is_not_filled_again() -> None:
    assert Command(("send", "{text}"), Path()).filled(VALUES, ["{url}"]) == ["send", "{url}"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{ulr}", "unknown placeholder {ulr}"),
        ("{service_port}", "it stands for the port of a service, and the producer is none"),
        ("--body={task}", "use {text}"),
        ('{"a": {"b": "{url}"}}', ""),
        ("{{ulr}} ${ulr} {} {URL} {0}", ""),
    ],
)
def test_an_unknown_placeholder_is_a_mistake(text: str, says: str) -> None:
    assert says in "; ".join(command.mistakes(text))
    assert bool(says) == any(command.mistakes(text))


def test_a_worker_is_given_no_task() -> None:
    assert "only a producer" in next(command.mistakes("{text}", command.OF_THE_BROKER))


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("amqp://me:p%40ss@host:5673/%2F", ("host", "5673", "me", "p@ss", "/")),
        ("amqp://me:x@[::1]:1/a%20b", ("::1", "1", "me", "x", "a b")),
        ("amqp://me:x@host:port/v", ("host", "port", "me", "x", "v")),
    ],
)
def test_the_parts_of_a_url(url: str, parts: tuple[str, ...]) -> None:
    assert tuple(command.values_of(url).values()) == (url, *parts)


def test_a_password_is_not_shown() -> None:
    values = command.values_of("amqp://me:secret@host:1/v")
    assert "secret" not in "".join(command.without_secrets(values).values())


@pytest.mark.parametrize(
    "line",
    [
        ["sh", "-c", "send '{text}'"],
        ["/bin/bash", "-eu", "-o", "pipefail", "-lc", "send {text}"],
        ["docker", "run", "image", "sh", "-c", 'send "{text}"'],
        ["sh", "-c", "{task}"],
        ["bash", "-c"],
        ["python3.12", "-u", "-c", "send('{text}')"],
        ["node", "-r", "x", "--eval", "send(`{text}`)"],
        ["perl", "-e", "send q({text})"],
        ["php", "-r", "send('{text}');"],
    ],
)
def test_a_text_must_not_be_run_as_code(line: list[str]) -> None:
    (mistake,) = command.mistakes_of(line, command.PLACEHOLDERS)
    assert "as code" in mistake
    assert ('"$@"' in mistake) == ("sh" in line[0] or line[0] == "docker")


@pytest.mark.parametrize(
    "line",
    [
        ["sh", "-c", 'send "$@"', "sh", "{task}"],
        ["sh", "-c", 'send "$1"', "sh", "{text}"],
        ["sh", "-c", "send --to {url}", "sh"],
        ["sh", "send.sh", "-c", "{text}"],
        ["python", "send.py", "-c", "{text}"],
        ["python", "-m", "send", "{text}"],
        ["node", "-r", "x", "send.js"],
        ["send", "-c", "{text}"],
        ["bash"],
    ],
)
def test_a_text_may_be_an_argument(line: list[str]) -> None:
    assert list(command.mistakes_of(line, command.PLACEHOLDERS)) == []
