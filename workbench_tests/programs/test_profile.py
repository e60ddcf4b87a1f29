"""A profile: what it says about a program, and a clear sentence for each mistake."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from workqueue_spec import ROOT
from workqueue_spec.commands.profile import __main__ as profile_command
from workqueue_spec.commands.profile.tryout import Finding
from workqueue_spec.errors import SetupError
from workqueue_spec.programs import profile, subject
from workqueue_spec.programs import profile as reading
from workqueue_spec.programs.command import Command
from workqueue_spec.programs.profile import Profile
from workqueue_spec.programs.subject import Subject
from workqueue_spec.specification.chapters import all_clauses

GOOD = 'producer = ["node", "send.js"]\nworker = ["node", "work.js"]\n'


def written(folder: Path, text: str) -> Path:
    file = folder / "profile.toml"
    file.write_text(text)
    return file


def test_a_profile(tmp_path: Path) -> None:
    text = GOOD + 'name = "amqplib"\nseconds_per_dot = 1\n[known_failures]\nW12 = "blocks"\n'
    found = profile.read(written(tmp_path, text), None)
    assert found.name == "amqplib"
    assert found.worker == Command(("node", "work.js"), tmp_path)
    assert found.seconds_per_dot == 1
    assert found.known_failures == {"W12": "blocks"}


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("failing_word", '"boom!"', "boom!"),
        ("failing_word", '""', ""),
        ("not_asked", '{W12 = "a reason"}', {"W12": "a reason"}),
        ("envelope", "true", True),
        ("standard_input", '"open"', "open"),
        ("queue_type", '"quorum"', "quorum"),
        ("fixed_address", '"localhost:5672"', ("localhost", 5672)),
        ("fixed_address", '"[::1]:5672"', ("::1", 5672)),
        ("shared_network", "true", True),
        ("start_seconds", "20", 20.0),
        ("prefetch", "32", 32),
        ("prefetch", "4\nconcurrency = 4", 4),
        ("concurrency", "4\nprefetch = 32", 4),
        ("concurrency", "1", 1),
        ("queue", '"celery"', "celery"),
        ("terminal", "true", True),
    ],
)
def test_what_a_profile_can_say(tmp_path: Path, key: str, text: str, value: Any) -> None:
    assert getattr(profile.read(written(tmp_path, f"{GOOD}{key} = {text}\n"), None), key) == value


@pytest.mark.parametrize(
    ("role", "other", "asked"),
    [("worker", "producer", {"W", "S", "B"}), ("producer", "worker", {"P", "B"})],
)
def test_a_profile_may_name_one_role_alone(tmp_path: Path, role: str, other: str, asked: set[str]) -> None:
    found = profile.read(written(tmp_path, f'{role} = ["node", "program.js"]\n'), None)
    assert found.roles == (role,)
    assert found.absent == other
    assert [name for name, _ in found.programs] == [role]
    assert {clause.id[0] for clause in all_clauses() if found.is_asked(clause.role)} == asked


@pytest.mark.parametrize(
    ("body", "failing_word", "seconds_per_dot"),
    [
        ("{text} {seconds}", "error", 0.1),
        ("{text_json}", "error", 0.1),
        ("{id} {milliseconds}", "", 0.1),
        ("{id}", "", 0.0),
    ],
)
def test_what_a_message_without_the_text_cannot_say(
    tmp_path: Path, body: str, failing_word: str, seconds_per_dot: float
) -> None:
    found = profile.read(written(tmp_path, f"{GOOD}[message]\nbody = '{body}'\n"), None)
    assert found.failing_word == failing_word
    assert found.seconds_per_dot == seconds_per_dot
    assert found.has_failing_tasks == bool(failing_word)


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("", ("", "task_queue")),
        ('queue = "jobs"\n', ("", "jobs")),
        ('exchange = "shop"\nrouting_key = "new"\n', ("shop", "new")),
        ('exchange = "all"\n', ("all", "")),
    ],
)
def test_where_a_producer_publishes(tmp_path: Path, text: str, route: tuple[str, str]) -> None:
    assert profile.read(written(tmp_path, GOOD + text), None).route == route


def test_a_worker_may_take_tasks_from_several_queues(tmp_path: Path) -> None:
    text = GOOD + 'queue = ["low", "high"]\nexchange = "shop"\nrouting_key = "new"\n'
    found = profile.read(written(tmp_path, text), None)
    assert (found.queue, found.queues) == ("low", ("low", "high"))
    assert found.on_queue("low") is found
    other = found.on_queue("high")
    assert (other.queue, set(other.queues), other.route) == ("high", {"low", "high"}, ("", "high"))


DEFINED = {"name": "jobs", "vhost": "/", "durable": True, "auto_delete": False}


@pytest.mark.parametrize("asked", [None, "classic", "quorum"])
def test_the_type_of_queue_that_definitions_make_prevails(tmp_path: Path, asked: str | None) -> None:
    quorum = {**DEFINED, "arguments": {"x-queue-type": "quorum"}}
    (tmp_path / "made.json").write_text(json.dumps({"queues": [quorum]}))
    text = GOOD + 'definitions = "made.json"\nqueue = "jobs"\n'
    found = profile.read(written(tmp_path, text), asked)
    assert (found.queue_type, found.environment["QUEUE_TYPE"]) == ("quorum", "quorum")
    with pytest.raises(
        SetupError, match="has the queue_type classic, but its definitions make the queue a quorum"
    ):
        profile.read(written(tmp_path, text + 'queue_type = "classic"\n'), asked)


def test_a_stream_cannot_be_judged(tmp_path: Path) -> None:
    stream = {**DEFINED, "arguments": {"x-queue-type": "stream"}}
    (tmp_path / "made.json").write_text(json.dumps({"queues": [stream]}))
    text = GOOD + 'definitions = "made.json"\nqueue = "jobs"\n'
    with pytest.raises(SetupError, match="makes 'jobs' a stream, and only classic and quorum queues"):
        profile.read(written(tmp_path, text), None)


def test_a_message_that_fails_has_all_that_the_usual_one_has(tmp_path: Path) -> None:
    text = GOOD + "[message]\nbody = '{id}'\ntype = 'a'\n[message.failing]\nbody = '{id} fails'\n"
    found = profile.read(written(tmp_path, text), None)
    assert found.has_failing_tasks
    assert found.failing_message is not None
    assert found.failing_message.values == {"body": "{id} fails", "type": "a"}


def test_a_concurrency_is_not_compared_with_a_prefetch_that_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(SetupError) as refused:
        profile.read(written(tmp_path, GOOD + 'concurrency = 4\nprefetch = "8"\n'), None)
    assert "prefetch must be" in str(refused.value)
    assert "concurrency is" not in str(refused.value)


@pytest.mark.parametrize("text", ['["npm", "ci"]', '[["npm", "ci"], ["make"]]'])
def test_one_install_step_or_several(tmp_path: Path, text: str) -> None:
    found = profile.read(written(tmp_path, f"{GOOD}install = {text}\n"), None)
    assert found.install[0] == Command(("npm", "ci"), tmp_path)


def test_a_bare_python_is_the_suites_own(tmp_path: Path) -> None:
    found = profile.read(written(tmp_path, GOOD.replace('"node"', '"python"')), None)
    assert found.producer.parts[0] == sys.executable


def test_a_bare_python_has_what_the_program_requires(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("kombu==5.4\n")
    text = GOOD.replace('"node"', '"python"') + 'requirements = "requirements.txt"\n'
    found = profile.read(written(tmp_path, text), None)
    assert found.requirements is not None
    assert found.producer.parts[0] == str(found.requirements.python)
    path = found.variables("amqp://guest:guest@localhost:5672/%2F")["PATH"]
    assert path.startswith(f"{found.requirements.python.parent}:")


def test_another_list_of_requirements_is_another_environment(tmp_path: Path) -> None:
    homes = set()
    for text in ("kombu==5.4\n", "kombu==5.5\n", "kombu==5.4\n"):
        (tmp_path / "requirements.txt").write_text(text)
        found = profile.read(written(tmp_path, f'{GOOD}requirements = "requirements.txt"\n'), None)
        assert found.requirements is not None
        homes.add(found.requirements.home)
    assert len(homes) == 2


def test_variables_are_filled(tmp_path: Path) -> None:
    text = (
        GOOD
        + '[environment]\nTO = "{host}:{port}"\nAS = "{user}:{password}@{vhost}/{queue}"\nTEXT = "{text}"\n'
    )
    found = profile.read(written(tmp_path, text), None)
    variables = found.variables("amqp://me:secret@localhost:1/room", ["a", "task"])
    assert variables["TO"] == "localhost:1"
    assert variables["AS"] == "me:secret@room/task_queue"
    assert variables["TEXT"] == "a task"
    assert "TO" not in found.variables_to_install()


@pytest.mark.parametrize("asked", [None, "quorum"])
def test_the_type_of_queue_that_the_program_insists_on(tmp_path: Path, asked: str | None) -> None:
    found = profile.read(written(tmp_path, f'{GOOD}queue_type = "quorum"\n'), asked)
    assert found.environment["QUEUE_TYPE"] == "quorum"


def test_a_run_with_another_type_of_queue_is_a_contradiction(tmp_path: Path) -> None:
    with pytest.raises(
        SetupError, match="declares quorum queues, so it cannot be judged with --queue-type classic"
    ):
        profile.read(written(tmp_path, f'{GOOD}queue_type = "quorum"\n'), "classic")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("producer = [", "not TOML"),
        ('name = "x"\n', "it names no program; add worker"),
        ('worker = ["x"]\nenvelope = true\n', "envelope needs the producer"),
        (GOOD + 'envelope = true\n[message]\nbody = "{text}"\n', "leave out \\[message\\]"),
        (GOOD + 'exchange = ""\n', "exchange must be a text that is not empty"),
        (GOOD + "routing_key = 1\n", "routing_key must be a text"),
        (GOOD + 'routing_key = "x"\n', "routing_key needs an exchange"),
        (GOOD + "queue = []\n", "queue must name at least one queue"),
        (GOOD + 'queue = ["a", "a"]\n', "queue must name at least one queue, and each of them once"),
        (GOOD + "queue = [1]\n", "queue must be a text"),
        (GOOD + 'definitions = "none.json"\n', "definitions cannot be loaded: Cannot read the definitions"),
        (GOOD + "definitions = 1\n", "definitions must be a text"),
        (GOOD + 'message = "x"\n', "message must be a table"),
        (GOOD + '[message]\ntype = "x"\n', "message has no body; add body"),
        (GOOD + '[message]\nbody = "x"\n', "message has a body without {text}, {text_json} or {id}"),
        (GOOD + "[message]\nbody = 1\n", "message has a body that is no text"),
        (GOOD + '[message]\nbody = "{text} {dots}"\n', "message has the unknown placeholder {dots} in body"),
        (GOOD + '[message]\nbody = "{text}"\nexpiration = "1"\n', "message has no key 'expiration'; known"),
        (GOOD + '[message]\nbody = "{text}"\npriority = 256\n', "message has a priority that is no whole"),
        (GOOD + '[message]\nbody = "{text}"\nheaders = 1\n', "message has headers that are no table"),
        (GOOD + '[message]\nbody = "{text}"\nheaders = {a = 2020-01-01}\n', "has a header with a date"),
        (GOOD + '[message]\nbody = "{text}"\nheaders = {a = "{dots}"}\n', "placeholder {dots} in headers"),
        (GOOD + '[message]\nbody = "{text}"\n[message.failing]\nbody = "x"\n', "message.failing has a body"),
        (GOOD + '[message]\nbody = "{text}"\nfailing = {}\n', "message.failing must be a table"),
        (GOOD + '[message]\nbody = "{text}"\nfailing = {body = "{text}"}\n', "would fail no task"),
        (GOOD + "colour = 1\n", "no key 'colour'; known are"),
        (GOOD + 'name = ""\n', "name must be a text that is not empty"),
        (GOOD + 'folder = "nowhere"\n', "folder names .*nowhere, which is not a folder"),
        (GOOD + 'seconds_per_dot = "1"\n', "seconds_per_dot must be a number of seconds"),
        (GOOD + "seconds_per_dot = true\n", "seconds_per_dot must be a number of seconds"),
        (GOOD + "seconds_per_dot = 11\n", "more than 0 and at most 10"),
        (GOOD + "start_seconds = nan\n", "more than 0 and at most 300"),
        (GOOD + "prefetch = 0\n", "prefetch must be a whole number of tasks, at least 1 and at most 1000"),
        (GOOD + "prefetch = 1001\n", "prefetch must be a whole number of tasks"),
        (GOOD + "prefetch = true\n", "prefetch must be a whole number of tasks"),
        (GOOD + "prefetch = 8.0\n", "prefetch must be a whole number of tasks"),
        (GOOD + "concurrency = 0\n", "concurrency must be a whole number of tasks"),
        (GOOD + "concurrency = 4\n", "concurrency is 4, but .* prefetch is 1"),
        (GOOD + "concurrency = 9\nprefetch = 8\n", "concurrency is 9, but .* prefetch is 8"),
        ('producer = "node send.js"\nworker = ["x"]\n', "producer must be a list of texts"),
        ("producer = []\nworker = ['x']\n", "producer must be a list of texts"),
        ("producer = ['']\nworker = ['x']\n", "its first text is empty"),
        ("producer = ['x', '{ulr}']\nworker = ['x']\n", "producer has the unknown placeholder {ulr}"),
        ("producer = ['x', 'a{task}']\nworker = ['x']\n", "producer has {task} inside a longer text"),
        ("producer = ['x']\nworker = ['x', '{text}']\n", "worker cannot hold {text}"),
        (GOOD + 'install = "make"\n', "install must be a list of texts"),
        (GOOD + 'install = ["make", "{url}"]\n', "install cannot hold placeholders"),
        (GOOD + 'requirements = "none.txt"\n', "requirements names .*none.txt, which cannot be read"),
        (GOOD + 'queue_type = "stream"\n', "queue_type must be one of classic, quorum"),
        (GOOD + 'standard_input = "closed"\n', "standard_input must be one of empty, open"),
        (GOOD + 'fixed_address = "5672"\n', "fixed_address must be a host and a port"),
        (GOOD + 'fixed_address = "localhost:0"\n', "fixed_address must be a host and a port"),
        (GOOD + 'fixed_address = "rabbit.example:5672"\n', "must name a loopback address of this machine"),
        (GOOD + 'envelope = "yes"\n', "envelope must be true or false"),
        (GOOD + 'failing_word = "mail"\n', "ordinary tasks may hold too"),
        (GOOD + 'failing_word = "bad"\n', "ordinary tasks may hold too"),
        (GOOD + "[environment]\nA = 1\n", "environment A must be a text"),
        (GOOD + '[environment]\nA = "{ulr}"\n', "environment A has the unknown placeholder {ulr}"),
        (GOOD + '[environment]\nA = "{task}"\n', "use {text}"),
        (GOOD + '[environment]\n"A=B" = ""\n', "not a variable's name"),
        (GOOD + '[not_asked]\nW99 = "x"\n', "not_asked names W99, and SPEC.md has no such clause"),
        (GOOD + '[known_failures]\nW99 = "x"\n', "known_failures names W99, and SPEC.md has no such clause"),
        (GOOD + '[known_failures]\nW12 = " "\n', "known_failures gives no reason for W12"),
        (
            GOOD + '[known_failures]\nW12 = "x"\n[not_asked]\nW12 = "x"\n',
            "which is not judged since not_asked names it",
        ),
    ],
)
def test_a_mistake_in_a_profile_is_said_in_one_sentence(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SetupError, match=says) as caught:
        profile.read(written(tmp_path, text), None)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_all_mistakes_are_said(tmp_path: Path) -> None:
    found = Profile(written(tmp_path, 'producer = []\nterminal = 1\n[environment]\nA = "{ulr}"\n'))
    assert len(found.mistakes) == 3


def test_a_profile_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="Cannot read the profile"):
        profile.read(tmp_path / "none.toml", None)


def test_a_file_of_known_failures_adds_to_those_of_the_profile(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text('# a comment\n[known_failures]\nW07 = "a"\nW12 = "b"\n')
    more = profile.read_known_failures(file)
    found = profile.read(written(tmp_path, GOOD + '[known_failures]\nW12 = "blocks"\n'), None)
    both = subject.with_known_failures(found, more)
    assert both.known_failures == {"W07": "a", "W12": "blocks"}


def test_an_empty_file_of_known_failures_names_none(tmp_path: Path) -> None:
    assert profile.read_known_failures(written(tmp_path, "[known_failures]\n")) == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD, "there is no key 'producer'; it holds the table .known_failures. alone"),
        ("known_failures = 1\n", "known_failures must be a table"),
        ('[known_failures]\nW99 = "x"\n', "known_failures names W99, and SPEC.md has no such clause"),
        ('[known_failures]\nW12 = ""\n', "known_failures gives no reason for W12"),
        ("[known_failures", "is not TOML"),
    ],
)
def test_a_mistake_in_a_file_of_known_failures_is_said(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SetupError, match=f"^The file of known failures .*profile.toml.*{says}"):
        profile.read_known_failures(written(tmp_path, text))


def test_a_known_failure_that_is_not_asked_is_a_contradiction(tmp_path: Path) -> None:
    found = profile.read(written(tmp_path, GOOD + '[not_asked]\nW12 = "x"\n'), None)
    with pytest.raises(SetupError, match="--known-failures names W12, which is not judged"):
        subject.with_known_failures(found, {"W12": "x"})


def test_the_documents_tell_of_every_key(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text()
    (tmp_path / "requirements.txt").touch()
    example = text.partition("```toml\n")[2].partition("```")[0]
    assert Profile(written(tmp_path, example)).mistakes == []
    texts = (text, *((ROOT / "docs" / name).read_text() for name in ("profiles.md", "services.md")))
    told = "".join(each.partition("| key | meaning |")[2].partition("\n\n")[0] for each in texts)
    assert [key for key in reading.KEYS if f"`{key}`" not in told and f"`[{key}]`" not in told] == []


def test_a_program_tried_out_is_started_as_its_profile_will_have_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bare `python` is the suite's, even if the PATH has none."""
    monkeypatch.setenv("PATH", str(tmp_path))
    tried: list[Subject] = []

    def try_out(tried_one: Subject, _broker: str, _ca: Path | None) -> list[Finding]:
        tried.append(tried_one)
        return []

    monkeypatch.setattr(profile_command, "_try_out", try_out)
    file = tmp_path / "profile.toml"
    assert (
        profile_command.main(["init", str(file), "--producer=python send.py", "--worker=python work.py"]) == 0
    )
    assert tried[0].worker.parts == (sys.executable, "work.py")
    assert 'worker = ["python", "work.py"]' in file.read_text()


SERVICE = 'producer = ["ask", "{service_port}"]\n[service]\ncommand = ["serve", "{service_port}"]\n'


def test_a_producer_that_is_a_service(tmp_path: Path) -> None:
    text = f'{SERVICE}ready_url = "http://127.0.0.1:{{service_port}}/health"\nlongest_text = 100000\n'
    found = profile.read(written(tmp_path, f"{text}[environment]\nPORT = '{{service_port}}'\n"), None)
    assert found.service is not None
    assert found.service.command == Command(("serve", "{service_port}"), tmp_path)
    assert found.service.ready_url == "http://127.0.0.1:{service_port}/health"
    assert found.service.longest_text == 100_000
    assert found.producer.parts == ("ask", "{service_port}")


def test_a_line_of_its_output_may_show_that_a_service_is_ready(tmp_path: Path) -> None:
    found = profile.read(written(tmp_path, f'{SERVICE}ready_line = "^listening on [0-9]+$"\n'), None)
    assert found.service is not None
    assert found.service.ready_line is not None
    assert found.service.ready_line.search("listening on 80")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            f"{SERVICE}ready = 1\n",
            "service has no key 'ready'; known are command, longest_text, ready_line, ready_url",
        ),
        (f'{SERVICE}ready_line = "["\n', "service.ready_line is no regular expression"),
        (f"{SERVICE}ready_line = 1\n", "service.ready_line must be a regular expression that is not empty"),
        (
            f'{SERVICE}ready_url = "https://shop/"\n',
            "service.ready_url must be a URL of this machine, such as",
        ),
        (f'{SERVICE}ready_url = "http://localhost/{{text}}"\n', "service.ready_url cannot hold {text}"),
        (f'{SERVICE}ready_url = "http://[::1]"\nready_line = "x"\n', "both ready_url and ready_line"),
        (
            f"{SERVICE}longest_text = 10\n",
            "service.longest_text must be a whole number of bytes, at least 32768",
        ),
        ('producer = ["ask"]\nservice = ["serve"]\n', "service must be a table with the command"),
        ('producer = ["ask"]\n[service]\ncommand = ["serve", "{task}"]\n', "service cannot hold {task}"),
        ('producer = ["ask", "{service_port}"]\n', "producer cannot hold {service_port}"),
        (
            '[service]\ncommand = ["serve"]\n',
            "give the command that asks it for one task, too, as producer =",
        ),
        (
            f'fixed_address = "localhost:5672"\n{SERVICE}',
            "[service] needs ready_line if there is a fixed_address",
        ),
    ],
)
def test_a_mistake_in_a_service_is_said(tmp_path: Path, text: str, says: str) -> None:
    (mistake,) = Profile(written(tmp_path, text)).mistakes
    assert says in mistake


def test_commands_in_an_image_are_the_images(tmp_path: Path) -> None:
    text = 'image = "team/worker:1.2"\nproducer = ["python", "send.py"]\nworker = []\n'
    found = profile.read(written(tmp_path, text), None)
    assert found.image == "team/worker:1.2"
    assert found.producer.parts == ("python", "send.py")
    assert found.worker.parts == ()


def test_what_asks_a_service_in_an_image_runs_on_this_machine(tmp_path: Path) -> None:
    text = 'image = "a"\nproducer = ["python", "ask.py"]\n[service]\ncommand = ["python", "serve.py"]\n'
    found = profile.read(written(tmp_path, text), None)
    assert found.producer.parts == (sys.executable, "ask.py")
    assert found.service is not None
    assert found.service.command.parts == ("python", "serve.py")
    assert list(subject.missing_programs(found)) == []


@pytest.mark.parametrize("key", ["requirements", "fixed_address", "shared_network"])
def test_what_an_image_excludes_is_said(tmp_path: Path, key: str) -> None:
    (tmp_path / "requirements.txt").touch()
    value = {
        "requirements": '"requirements.txt"',
        "fixed_address": '"localhost:5672"',
        "shared_network": "true",
    }
    text = f'image = "a"\nworker = []\n{key} = {value[key]}\n'
    (mistake,) = Profile(written(tmp_path, text)).mistakes
    assert f"image and {key} exclude each other" in mistake


def test_a_program_in_an_image_gets_none_of_the_users_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OURS", "1")
    given = subject.reference("classic").variables("amqp://x@y:1", in_image=True)
    assert sorted(given) == [
        "AMQP_URL",
        "PYTHONUNBUFFERED",
        "QUEUE_TYPE",
        "TASK_SECONDS_PER_DOT",
        "WORKER_GRACE_SECONDS",
    ]
