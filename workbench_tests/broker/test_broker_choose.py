import pytest

from workqueue_spec.broker import DEFAULT_IMAGE, ClusterBroker, attach, open_broker, urls_in
from workqueue_spec.broker.container import ContainerBroker
from workqueue_spec.broker.local import LocalBroker
from workqueue_spec.broker.run import Run
from workqueue_spec.errors import SetupError

NO_ENGINE = "unix:///nowhere/docker.sock"


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "lokal",
        "docker:",
        "dockerx",
        "http://me:secret@host",
        "amqp",
        "amqp:",
        "amqp:host",
        "local:x",
        "cluster:",
        "clusters",
        "LOCAL",
    ],
)
def test_nonsense_is_refused_with_what_is_allowed(wanted: str, run: Run) -> None:
    with pytest.raises(
        SetupError,
        match="allowed are auto, docker, docker:IMAGE, local, cluster, cluster:IMAGE, cluster:local, garagemq,",
    ) as refusal:
        open_broker(wanted, run)

    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("wanted", "image"), [("cluster:local", None), ("cluster:a/b:c", "a/b:c"), ("cluster:x", "x")]
)
def test_a_cluster_may_name_an_image_or_be_local(
    wanted: str, image: str | None, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ClusterBroker, "open", lambda image, run: ("a cluster", image))

    assert open_broker(wanted, run) == ("a cluster", image)  # type: ignore[comparison-overlap]


def test_a_cluster_is_of_local_nodes_where_no_engine_answers(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", NO_ENGINE)
    monkeypatch.setattr(ClusterBroker, "open", lambda image, run: ("a cluster", image))

    assert open_broker("cluster", run) == ("a cluster", None)  # type: ignore[comparison-overlap]
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "a cluster of local nodes instead of docker: No container engine answers" in said


@pytest.mark.parametrize(
    ("others", "says"),
    [
        ("amqp://me:s3cret@a", r"Two of the URLs name the same node, amqp://me@a:5672; name each node once"),
        ("amqps://me:s3cret@b", r"amqp://me@a:5672 and amqps://me@b:5671 differ in scheme\."),
        ("amqp://you:s3cret@b", r"differ in user\."),
        ("amqp://me:another@b", r"differ in password\."),
        ("amqp://me:s3cret@b/other", r"differ in virtual host\."),
        ("amqp://you:another@b/other", r"differ in user and password and virtual host\."),
        ("amqp://me:s3cret@b:0x", r"invalid host or port"),
    ],
)
def test_urls_that_are_not_one_cluster_are_one_sentence(others: str, says: str, run: Run) -> None:
    with pytest.raises(SetupError, match=says) as refusal:
        open_broker(f"amqp://me:s3cret@a,{others}", run)

    assert "s3cret" not in str(refusal.value)
    assert "another" not in str(refusal.value)


def test_of_several_urls_one_must_answer(run: Run) -> None:
    with pytest.raises(SetupError, match=r"No broker answers at amqp://me@127\.0\.0\.1:1 "):
        open_broker("amqp://me:s3cret@127.0.0.1:1,amqp://me:s3cret@127.0.0.1:2", run)


def test_a_comma_in_a_password_does_not_end_a_url() -> None:
    assert urls_in("amqp://me:a,b@x,amqps://me:a,b@y") == ["amqp://me:a,b@x", "amqps://me:a,b@y"]
    assert urls_in("local") == ["local"]


@pytest.mark.parametrize("wanted", ["docker", "docker:rabbitmq:3.8"])
def test_without_an_engine_docker_is_refused_with_a_way_out(
    wanted: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", NO_ENGINE)

    with pytest.raises(
        SetupError, match=r"No container engine answers \(.+\); start Docker or use --broker local\."
    ):
        open_broker(wanted, run)


def test_auto_takes_a_local_node_where_no_engine_answers(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", NO_ENGINE)
    monkeypatch.setattr(LocalBroker, "open", lambda run: "a local broker")

    assert open_broker("auto", run) == "a local broker"  # type: ignore[comparison-overlap]
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "local broker" in said
    assert "No container engine answers" in said


@pytest.mark.parametrize(("wanted", "image"), [("docker", DEFAULT_IMAGE), ("docker:a/b:c", "a/b:c")])
def test_docker_may_name_an_image(wanted: str, image: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ContainerBroker, "open", lambda image, run: image)

    assert open_broker(wanted, run) == image  # type: ignore[comparison-overlap]


def test_a_handle_of_an_unknown_kind_is_a_programming_error(run: Run) -> None:
    with pytest.raises(ValueError, match="no known kind"):
        attach({"kind": "cloud", "file": "/nowhere"}, run)


def test_a_url_may_be_in_a_variable(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_BROKER", "amqp://me:s3cret@127.0.0.1:1")

    with pytest.raises(SetupError, match=r"No broker answers at amqp://me@127\.0\.0\.1:1"):
        open_broker("env:THE_BROKER", run)


@pytest.mark.parametrize("value", ["", "s3cret", "http://me:s3cret@host", "local"])
def test_a_variable_without_a_url_is_one_sentence(
    value: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THE_BROKER", value)

    with pytest.raises(SetupError, match="variable THE_BROKER") as refusal:
        open_broker("env:THE_BROKER", run)

    assert "s3cret" not in str(refusal.value)
