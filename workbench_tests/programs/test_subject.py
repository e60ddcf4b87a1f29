"""The program under test, from command lines; a clear sentence for each mistake."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workqueue_spec.errors import SetupError
from workqueue_spec.judgement.verdicts import NotJudged
from workqueue_spec.plugin.options import without_password
from workqueue_spec.programs import subject
from workqueue_spec.specification.clauses import Role


@pytest.mark.parametrize(
    ("command", "says"), [("", "empty"), ("'", "cannot be read"), ("x {ulr}", "unknown placeholder {ulr}")]
)
def test_a_mistake_in_a_command_is_said(command: str, says: str) -> None:
    with pytest.raises(SetupError, match=says):
        subject.from_commands(None, command, "classic")


def test_a_text_in_a_shells_program_is_refused() -> None:
    with pytest.raises(SetupError, match="--producer would run the text of each task as code"):
        subject.from_commands("sh -c 'send {text}'", None, "classic")


def test_a_program_that_is_not_there_is_said() -> None:
    with pytest.raises(SetupError, match="'no-such-program' is not a program"):
        subject.check_programs(subject.from_commands(None, "no-such-program now", "classic"))


@pytest.mark.parametrize("seconds", [-1, 11, float("nan")])
def test_a_dot_must_take_a_sensible_time(seconds: float) -> None:
    with pytest.raises(SetupError, match="cannot be judged"):
        subject.check(subject.with_seconds_per_dot(subject.reference("classic"), seconds))


def test_a_task_of_a_length_that_cannot_be_chosen_is_not_judged() -> None:
    unchosen = subject.with_seconds_per_dot(subject.reference("classic"), 0)
    subject.check(unchosen)
    with pytest.raises(NotJudged, match="in this program a dot takes no time"):
        unchosen.dots(0.5)


def test_a_command_alone_is_judged_alone() -> None:
    alone = subject.from_commands(None, "node work.js", "classic")
    assert alone.roles == (Role.WORKER,)
    both = subject.with_commands(alone, "node send.js", None)
    assert both.roles == (Role.PRODUCER, Role.WORKER)
    assert both.worker == alone.worker


@pytest.mark.parametrize(
    ("prefetch", "concurrency", "wrong"),
    [
        (0, None, "A prefetch of 0 cannot be judged; give at least 1 and at most 1000"),
        (1001, None, "A prefetch of 1001 cannot be judged"),
        (8, 0, "A concurrency of 0 cannot be judged"),
        (8, 9, "A concurrency of 9 is more than the prefetch of 8"),
        (None, 2, "A concurrency of 2 is more than the prefetch of 1"),
    ],
)
def test_a_worker_has_sensible_limits(prefetch: int | None, concurrency: int | None, wrong: str) -> None:
    with pytest.raises(SetupError, match=wrong):
        subject.check(subject.with_limits(subject.reference("classic"), prefetch, concurrency))


@pytest.mark.parametrize(
    ("prefetch", "concurrency", "handful", "ahead"),
    [(1, 1, 1, False), (8, 4, 8, True), (32, 4, 8, True), (4, 4, 4, False), (8, 1, 2, True), (6, 4, 6, True)],
)
def test_a_handful_fills_the_worker(prefetch: int, concurrency: int, handful: int, ahead: bool) -> None:
    chosen = subject.with_limits(subject.reference("classic"), prefetch, concurrency)
    subject.check(chosen)
    assert (chosen.handful, chosen.fetches_ahead) == (handful, ahead)


def test_limits_that_are_not_given_stay_as_they_are() -> None:
    chosen = subject.with_limits(subject.reference("classic"), 8, 4)
    assert subject.with_limits(chosen, None, None) == chosen
    assert subject.with_limits(chosen, None, 2).prefetch == 8
    assert (subject.reference("classic").prefetch, subject.reference("classic").concurrency) == (1, 1)


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


@pytest.mark.parametrize(
    ("command", "holds"),
    [
        ("x --url amqp://{user}:{password}@{host}:{port}/{vhost}", True),
        ("x --password {password}", False),
        ("x {url}", False),
    ],
)
def test_a_url_made_of_placeholders_is_noticed(command: str, holds: bool) -> None:
    assert subject.from_commands(None, command, "classic").makes_a_url_of_placeholders is holds


ASK = "ask {service_port}"


def test_a_service_comes_with_the_command_that_asks_it() -> None:
    found = subject.from_commands(ASK, None, "classic", "serve --port {service_port}")
    assert found.service is not None
    assert found.service.command.parts == ("serve", "--port", "{service_port}")
    assert found.roles == (Role.PRODUCER,)
    assert [name for name, _ in found.programs] == ["service", "producer"]
    assert found.placeholders("amqp://x@y:1", 8000)["service_port"] == "8000"
    with pytest.raises(
        SetupError, match="--service is a service, which publishes when it is asked to: give the"
    ):
        subject.from_commands(None, "work", "classic", "serve")
    with pytest.raises(SetupError, match="the port of a service, and the producer is none"):
        subject.from_commands(ASK, None, "classic")
    with pytest.raises(SetupError, match="--service cannot hold"):
        subject.from_commands(ASK, None, "classic", "serve {text}")


def test_clauses_for_services_are_asked_of_services_alone() -> None:
    a_service = subject.from_commands(ASK, None, "classic", "serve")
    assert a_service.is_asked(Role.PRODUCER, for_services=True)
    assert a_service.is_asked(Role.PRODUCER)
    assert not subject.reference("classic").is_asked(Role.PRODUCER, for_services=True)


def test_what_both_programs_agree_on_is_asked_if_both_are_there() -> None:
    both = subject.reference("classic")
    alone = replace(both, roles=(Role.PRODUCER,))
    assert both.is_asked(Role.PRODUCER, for_both=True)
    assert alone.is_asked(Role.PRODUCER)
    assert not alone.is_asked(Role.PRODUCER, for_both=True)


def test_a_text_is_cut_to_what_an_argument_holds() -> None:
    words = ["many" * 5_000] * 8
    assert subject.reference("classic").fitting(words) == words
    assert subject.from_commands("send {text}", None, "classic").fitting(words) == words[:4]
    assert subject.from_commands("send {text}", None, "classic").fitting(["x" * 200_000]) == ["x" * 100_000]


def test_a_text_is_cut_to_what_a_service_accepts() -> None:
    words = ["many" * 5_000] * 8
    found = subject.from_commands(ASK, None, "classic", "serve")
    assert found.service is not None
    assert found.fitting(words) == words
    limited = replace(found, service=replace(found.service, longest_text=50_000))
    assert limited.fitting(words) == words[:2]
