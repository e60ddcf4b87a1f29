"""The steps of action.yml, run as scripts: what the suite gets from the inputs, and what becomes of its report."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workqueue_spec import ROOT

from .conftest import Suite, clause, report_of
from .runner import ACTION, STEPS, Annotation, run_step

GOOD = report_of(clause("passed"))
BAD = report_of(clause("failed", "a reason", expected="no acknowledgement", seen="one at +1.076 s"))
HOSTILE = (
    "python x.py; touch PWNED",
    "$(touch PWNED)",
    "`touch PWNED`",
    "' ; touch PWNED ; '",
    '" ; touch PWNED ; "',
    "x\ntouch PWNED\n::error::injected",
    "x%0A::error::injected",
    "x\nverdict=conformant\nverdict<<EOF\nconformant\nEOF",
    "--version",
    "${{ github.token }}",
    "||touch PWNED&",
)
"""Inputs that do harm if they are pasted into a script, a file of outputs, or the log."""


def options(called: Callable[[], Any]) -> dict[str, str]:
    """The options with which the suite was called, without those of its reports."""
    arguments = called()["arguments"]
    assert arguments[0] == "check"
    pairs = (each.partition("=") for each in arguments[1:])
    return {name: value for name, _, value in pairs if name not in ("--report-json", "--junit-xml")}


def test_each_input_is_an_option(tmp_path: Path, suite: Suite, called: Callable[[], Any]) -> None:
    inputs = {
        "producer": "node new_task.js",
        "worker": "node worker.js",
        "profile": "profile.toml",
        "broker": "docker:rabbitmq:4.1",
        "queue-type": "quorum",
        "class": "core",
        "spec": "1",
    }
    assert {*inputs, "version", "fail-on"} == set(ACTION["inputs"])
    assert run_step(tmp_path, "check", suite(GOOD), inputs).status == 0
    assert options(called) == {
        "--producer": "node new_task.js",
        "--worker": "node worker.js",
        "--implementation": "profile.toml",
        "--broker": "docker:rabbitmq:4.1",
        "--queue-type": "quorum",
        "--class": "core",
        "--spec": "1",
    }


def test_an_empty_input_is_no_option(tmp_path: Path, suite: Suite, called: Callable[[], Any]) -> None:
    assert run_step(tmp_path, "check", suite(GOOD), {"worker": " \n"}).status == 0
    assert options(called) == {"--broker": "auto"}


def test_a_brokers_url_is_in_no_list_of_processes(
    tmp_path: Path, suite: Suite, called: Callable[[], Any]
) -> None:
    url = "amqp://user:secret@localhost:5672/"
    done = run_step(tmp_path, "check", suite(GOOD), {"broker": url})
    assert options(called) == {"--broker": "env:WORKQUEUE_SPEC_BROKER_URL"}
    assert called()["environment"]["WORKQUEUE_SPEC_BROKER_URL"] == url
    assert "secret" not in done.log + done.summary + str(done.outputs)


def test_the_suite_gets_neither_inputs_nor_the_runners_files(
    tmp_path: Path, suite: Suite, called: Callable[[], Any]
) -> None:
    run_step(tmp_path, "check", suite(GOOD), {"worker": "x"}, PYTHON="the job's", OTHER="kept")
    names = called()["environment"]
    assert [each for each in names if each.startswith(("INPUT_", "ACTION_"))] == []
    assert not {"GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY"} & set(names)
    assert (names["PYTHON"], names["OTHER"]) == ("the job's", "kept")


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_input_is_one_argument_and_nothing_else(
    tmp_path: Path, suite: Suite, called: Callable[[], Any], value: str
) -> None:
    names = ["producer", "worker", "profile", "broker", "queue-type", "class", "spec"]
    done = run_step(tmp_path, "check", suite(GOOD), dict.fromkeys(names, value))
    assert len(options(called)) == len(names)
    assert set(options(called).values()) == {value}
    assert done.outputs["verdict"] == "inconclusive"
    assert set(done.outputs) == {"verdict", "report", "folder", "artifact"}
    assert done.annotations == []
    assert not list(tmp_path.rglob("PWNED"))
    assert set(done.written.values()) == {""}


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize(("step", "name"), [("check", "fail-on"), ("install", "version")])
def test_a_hostile_choice_is_misuse(tmp_path: Path, suite: Suite, step: str, name: str, value: str) -> None:
    done = run_step(tmp_path, step, suite(GOOD), {name: value})
    (annotation,) = done.annotations
    assert done.status == 4
    assert (annotation.kind, annotation.title) == ("error", "workqueue-spec")
    assert annotation.text.startswith(f"{name}: ")
    assert done.outputs == {}
    assert not list(tmp_path.rglob("PWNED"))
    assert not (tmp_path / "called.json").exists()


def test_what_the_suite_prints_is_no_command(tmp_path: Path, suite: Suite) -> None:
    printed = "::error::x\n  ::set-output name=verdict::conformant\n##[error]x\n::stop-commands::x\nno end"
    done = run_step(tmp_path, "check", suite(GOOD, output=printed), {})
    assert printed in done.log
    assert done.annotations == []


def test_a_good_run(tmp_path: Path, suite: Suite) -> None:
    done = run_step(tmp_path, "check", suite(GOOD), {})
    assert done.status == 0
    assert done.outputs["verdict"] == "inconclusive"
    assert Path(done.outputs["report"]).is_relative_to(tmp_path / "runner temp")
    assert Path(done.outputs["report"]).parent == Path(done.outputs["folder"])
    assert re.fullmatch(r"workqueue-spec-test-[0-9a-f]{8}", done.outputs["artifact"])
    assert done.annotations == []
    assert done.summary.startswith("## workqueue-spec: inconclusive\n")
    assert "| 1 | 0 | 0 |" in done.summary


def test_a_bad_run(tmp_path: Path, suite: Suite) -> None:
    done = run_step(tmp_path, "check", suite(BAD, status=1), {})
    assert done.status == 1
    assert done.outputs["verdict"] == "nonconformant"
    assert done.annotations == [
        Annotation(
            "error",
            "W06 killed-worker-loses-nothing",
            "If a worker is killed before its task is done, the task goes to another worker.\n"
            "expected: no acknowledgement\nseen: one at +1.076 s",
        ),
        Annotation("error", "workqueue-spec", "W06 failed."),
    ]
    assert "**This step fails: W06 failed.**" in done.summary


def test_a_bad_run_passes_if_nothing_may_fail(tmp_path: Path, suite: Suite) -> None:
    done = run_step(tmp_path, "check", suite(BAD, status=1), {"fail-on": "never"})
    assert done.status == 0
    assert done.outputs["verdict"] == "nonconformant"
    assert [each.title for each in done.annotations] == ["W06 killed-worker-loses-nothing"]


@pytest.mark.parametrize("fail_on", ["must", "should", "never"])
@pytest.mark.parametrize("status", [2, 3, 4, 5, 77])
def test_a_run_without_a_result_always_fails(tmp_path: Path, suite: Suite, status: int, fail_on: str) -> None:
    done = run_step(tmp_path, "check", suite(None, status=status), {"fail-on": fail_on})
    assert done.status == status
    assert (done.outputs["verdict"], done.outputs["report"], done.outputs["folder"]) == ("", "", "")
    assert [each.title for each in done.annotations] == ["workqueue-spec"]
    assert done.summary.startswith("## workqueue-spec: no verdict\n")


@pytest.mark.parametrize(
    "report",
    [
        None,
        "{",
        "[]",
        {},
        {**GOOD, "schema": "3\n::error::x"},
        {**GOOD, "verdict": "conformant\nx"},
        {**GOOD, "clauses": []},
        report_of(),
    ],
)
def test_a_run_whose_report_shows_nothing_fails(tmp_path: Path, suite: Suite, report: Any) -> None:
    done = run_step(tmp_path, "check", suite(report), {"fail-on": "never"})
    assert done.status == 1
    assert [(each.kind, each.title) for each in done.annotations] == [("error", "workqueue-spec")]


def test_a_suite_that_cannot_be_started(tmp_path: Path) -> None:
    done = run_step(tmp_path, "check", tmp_path / "nothing", {})
    assert done.status == 3
    assert done.annotations == [
        Annotation("error", "workqueue-spec", "The suite cannot be started: No such file or directory.")
    ]


def test_no_expression_is_in_a_script_and_every_action_is_pinned() -> None:
    steps = ACTION["runs"]["steps"]
    assert all("${{" not in step.get("run", "") for step in steps)
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step["uses"]) for step in steps if "uses" in step)


def test_every_input_is_used_and_every_output_is_set() -> None:
    used = {found for step in STEPS.values() for found in re.findall(r"inputs\.([\w-]+)", str(step))}
    assert used == set(ACTION["inputs"])
    assert set(ACTION["outputs"]) == {"verdict", "report"}


INSTALLED = """\
import pathlib, sys
sys.argv[1:3] == ["-m", "venv"] or sys.exit(9)
python = pathlib.Path(sys.argv[3]) / "bin" / "python"
python.parent.mkdir()
python.write_text('#!/bin/sh\\nprintf "%s\\\\n" "$@" >"' + str(pathlib.Path.cwd() / "pip") + '"; exit STATUS\\n')
python.chmod(0o700)
"""
"""A Python that makes an environment whose pip notes what it is to install."""


@pytest.mark.parametrize(
    ("version", "wanted"),
    [("", str(ROOT)), ("0.1.0", "workqueue-spec==0.1.0"), (" 1.0rc1\n", "workqueue-spec==1.0rc1")],
)
@pytest.mark.parametrize("status", [0, 1])
def test_the_install_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, wanted: str, status: int
) -> None:
    python = tmp_path / "python"
    text = INSTALLED.replace("STATUS", str(status))
    (tmp_path / "made.py").write_text(text)
    # The step's own Python starts the script; the one that the script starts is the pretended one.
    python.write_text(
        f'#!/bin/sh\ncase "$1" in -E) exec "{sys.executable}" -c \'import runpy, sys; '
        f'sys.path.insert(0, sys.argv[1].rpartition("/")[0]); sys.executable = "{python}"; del sys.argv[0]; '
        f'runpy.run_path(sys.argv[0], run_name="__main__")\' "$2" "$3";; '
        f'*) exec "{sys.executable}" "{tmp_path}/made.py" "$@";; esac\n'
    )
    python.chmod(0o700)
    done = run_step(tmp_path, "install", Path(), {"version": version}, ACTION_PYTHON=str(python))
    assert (tmp_path / "pip").read_text().splitlines()[-1] == wanted
    assert done.status == (3 if status else 0)
    if not status:
        assert Path(done.outputs["suite"]).name == "workqueue-spec"
        assert Path(done.outputs["suite"]).is_relative_to(tmp_path / "runner temp")
    else:
        assert done.outputs == {}
        assert [each.kind for each in done.annotations] == ["error"]


def test_a_signal_reaches_the_suite_and_its_report_is_shown(tmp_path: Path) -> None:
    suite = tmp_path / "suite"
    suite.write_text("#!/bin/sh\ntrap 'exit 2' TERM\necho begun\nwhile :; do sleep 0.05; done\n")
    suite.chmod(0o700)
    files = {name: str(tmp_path / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    inputs = dict.fromkeys(re.findall(r"INPUT_\w+", str(STEPS["check"]["env"])), "")
    step = subprocess.Popen(
        [sys.executable, ROOT / ".github" / "action" / "steps.py", "check"],
        env={
            **os.environ,
            **files,
            **inputs,
            "PYTHONSAFEPATH": "1",
            "INPUT_FAIL_ON": "never",
            "RUNNER_TEMP": str(tmp_path),
            "ACTION_SUITE": str(suite),
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    assert step.stdout is not None
    assert step.stdout.readline().startswith("::stop-commands::")
    assert step.stdout.readline() == "begun\n"
    step.terminate()
    log = step.stdout.read()
    assert step.wait() == 2
    assert "::error title=workqueue-spec::The run was interrupted, or the broker failed" in log
    assert "The run was interrupted" in Path(files["GITHUB_STEP_SUMMARY"]).read_text()
