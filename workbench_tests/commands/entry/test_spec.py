"""./spec passes its arguments on as the user means them, or says in one sentence why it cannot."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from .checkout import Checkout


def test_without_a_command_it_tells_how_it_is_used(prepared: Checkout) -> None:
    done = prepared.run()
    assert done.returncode == 4
    assert done.stderr.startswith("usage: ./spec COMMAND")


def test_help_is_no_failure(prepared: Checkout) -> None:
    done = prepared.run("--help")
    assert done.returncode == 0
    assert done.stdout.startswith("usage: ./spec COMMAND")


def test_an_unknown_command_is_named_in_one_sentence(prepared: Checkout) -> None:
    done = prepared.run("chekc")
    assert done.returncode == 4
    known = "check, profile, pairs, tap, compare, forecast, judge, report, site, cache, implementations, "
    known += "mutants, bench, test"
    said = "spec: there is no command 'chekc'; did you mean check?"
    assert done.stderr == f"{said} The commands are {known}.\n"


@pytest.mark.parametrize(
    "command", ["check", "profile", "pairs", "tap", "judge", "report", "site", "cache", "mutants", "test"]
)
def test_help_makes_no_environment(fresh: Checkout, command: str) -> None:
    done = fresh.run(command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: ./spec")
    assert not fresh.environment.exists()


def test_the_suites_own_options_come_first(fresh: Checkout) -> None:
    lines = fresh.run("check", "--help").stdout.splitlines()
    assert lines.index("  --worker CMD") < lines.index("  -k EXPRESSION")
    assert lines[-1] == "All of pytest's options: ./spec check --help-pytest"


def test_all_of_pytests_options_are_behind_a_hint(prepared: Checkout) -> None:
    assert prepared.run("check", "--help-pytest").stdout.splitlines()[0].endswith("/spec_tests --help")


@pytest.mark.parametrize("arguments", [["--version"], ["check", "--version"]])
def test_the_version_makes_no_environment(fresh: Checkout, arguments: list[str]) -> None:
    done = fresh.run(*arguments)
    suite, specification, rabbitmq = done.stdout.splitlines()
    assert (done.returncode, suite) == (0, "x 1.2")
    assert (specification.split()[0], rabbitmq.split()[0]) == ("specification", "RabbitMQ")
    assert not fresh.environment.exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["profile", "chek", "x.toml"], "check|init cannot be 'chek'; did you mean check?"),
        (["profile"], "the following arguments are required: check|init."),
        (["pairs"], "the following arguments are required: PROGRAM."),
        (["pairs", "reference", "--brokr=local"], "there is no option --brokr; did you mean --broker?"),
        (["mutants", "--queue-type", "quorun"], "--queue-type cannot be 'quorun'; did you mean quorum?"),
        (["implementations", "--zzz"], "there is no option --zzz."),
        (["tap", "--delay", "-1"], "argument --delay: a time of -1 s is negative."),
        (
            ["check", "-k", "W03", "--queue-type", "quorun"],
            "--queue-type cannot be 'quorun'; did you mean quorum?",
        ),
        (["check", "--class=all"], "--class cannot be 'all'; it can be core or production."),
        (["check", "--seed", "x"], "argument --seed: invalid int value: 'x'."),
    ],
)
def test_a_misused_command_has_status_4_and_makes_no_environment(
    fresh: Checkout, arguments: list[str], says: str
) -> None:
    done = fresh.run(*arguments)
    assert done.returncode == 4
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"spec: {says} See ./spec {arguments[0]}"), line
    assert not fresh.environment.exists()


def test_check_hands_its_arguments_to_pytest_in_the_folder_of_the_user(
    prepared: Checkout, tmp_path: Path
) -> None:
    done = prepared.run("check", "--worker", "node worker.js", "--report-json", "out.json", folder=tmp_path)
    called, folder = done.stdout.splitlines()
    assert called.startswith(f"pytest -c {prepared.root}/pyproject.toml --rootdir={prepared.root} ")
    assert called.endswith(f" {prepared.root}/spec_tests --worker node worker.js --report-json out.json")
    assert folder == f"folder {tmp_path}"


@pytest.mark.parametrize("status", [0, 1, 5])
def test_the_exit_status_of_check_is_that_of_pytest(prepared: Checkout, status: int) -> None:
    assert prepared.run("check", EXIT_PYTEST=str(status)).returncode == status


@pytest.mark.parametrize(
    ("folder", "given"),
    [
        (".", "spec_tests/test_chapter.py::test_it[a b]"),
        ("spec_tests", "test_chapter.py::test_it[a b]"),
        ("..", "spec_tests/test_chapter.py::test_it[a b]"),
    ],
)
def test_a_test_is_named_from_any_folder_as_pytest_prints_it(
    prepared: Checkout, folder: str, given: str
) -> None:
    done = prepared.run("check", given, folder=prepared.root / folder)
    named = done.stdout.splitlines()[0].partition("pytest-cache ")[2]
    path, _, name = named.partition("::")
    assert Path(path).resolve() == prepared.root / "spec_tests" / "test_chapter.py"
    assert name == "test_it[a b]"


@pytest.mark.parametrize("given", ["test_ours.py", "test_ours.py::test_it", "{}/test_ours.py", "."])
def test_own_tests_are_run_instead_of_the_specification(
    prepared: Checkout, tmp_path: Path, given: str
) -> None:
    (tmp_path / "test_ours.py").touch()
    given = given.format(tmp_path)
    called = prepared.run("check", given, "--worker", "ours", folder=tmp_path).stdout.splitlines()[0]
    assert called.startswith(f"pytest -c /dev/null -p workqueue_spec.plugin --rootdir={tmp_path} ")
    assert called.endswith(f"/pytest-cache {given} --worker ours")


def test_own_tests_and_the_specification_can_be_named_together(prepared: Checkout) -> None:
    (prepared.root / "test_ours.py").touch()
    called = prepared.run("check", "spec_tests", "test_ours.py", folder=prepared.root).stdout.splitlines()[0]
    (prepared.root / "test_ours.py").unlink()
    assert f" --rootdir={prepared.root} " in called
    assert called.endswith(f"/pytest-cache {prepared.root}/spec_tests test_ours.py")


@pytest.mark.parametrize(
    "arguments", [["--worker", "./ours.py"], ["-k", "ours"], ["--lie=ours.py"], ["--report-json", "r.json"]]
)
def test_what_an_option_names_is_no_test(prepared: Checkout, tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "ours.py").touch()
    (tmp_path / "r.json").touch()
    (tmp_path / "ours").mkdir()
    called = prepared.run("check", *arguments, folder=tmp_path).stdout.splitlines()[0]
    assert called.endswith(f"/pytest-cache {prepared.root}/spec_tests {' '.join(arguments)}")


def test_a_test_that_is_left_out_is_not_one_to_run(prepared: Checkout) -> None:
    done = prepared.run("check", "--deselect", "spec_tests/test_chapter.py")
    assert done.stdout.splitlines()[0].endswith(
        f" {prepared.root}/spec_tests --deselect spec_tests/test_chapter.py"
    )


def test_a_link_to_it_will_do(prepared: Checkout, tmp_path: Path) -> None:
    (tmp_path / "wqspec").symlink_to(prepared.root / "spec")
    done = subprocess.run(
        [tmp_path / "wqspec", "check"],
        env=prepared.variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_modules_in_the_current_folder_are_not_imported(prepared: Checkout, tmp_path: Path) -> None:
    for name in ("pytest", "queue", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong module')")
    leftovers = {"PYTHONPATH": str(tmp_path), "PYTHONHOME": "/nowhere", "VIRTUAL_ENV": "/nowhere"}
    done = prepared.run("check", folder=tmp_path, **leftovers)
    assert done.returncode == 0, done.stderr


def test_test_goes_on_after_a_failed_step_and_fails(prepared: Checkout) -> None:
    done = prepared.run("test", "-k", "W03", EXIT_MYPY="1")
    assert done.returncode == 1
    closing = [line.split()[:2] for line in done.stdout.splitlines()[-7:]]
    assert closing == [
        ["passed", "lint"],
        ["passed", "format"],
        ["FAILED", "types"],
        ["passed", "workflows"],
        ["passed", "workbench"],
        ["passed", "mutants"],
        ["passed", "suite"],
    ]
    assert f"{prepared.root}/spec_tests -k W03\n" in done.stdout


def test_mutants_are_tested_on_the_broker_that_the_suite_is_tested_on(prepared: Checkout) -> None:
    done = prepared.run("test", "--broker", "local", "-x", "--queue-type=quorum")
    told = next(line for line in done.stdout.splitlines() if line.startswith("kill_matrix"))
    assert told.endswith("--broker local --queue-type=quorum")


def test_without_a_suitable_python_it_says_so(prepared: Checkout, tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    for tool in ("dirname", "readlink"):
        (tmp_path / tool).symlink_to(f"/usr/bin/{tool}")
    (prepared.environment).rename(prepared.root / "away")
    try:
        done = prepared.run("check", PATH=str(tmp_path))
    finally:
        (prepared.root / "away").rename(prepared.environment)
    assert done.returncode == 3
    assert done.stderr == "spec: needs Python 3.11 or newer, and found none on the PATH.\n"


@pytest.mark.parametrize("command", ["check", "test"])
def test_a_signal_reaches_the_program_that_runs(prepared: Checkout, tmp_path: Path, command: str) -> None:
    """`check` has become pytest; `test` passes the signal on to its step, and waits for the step's end."""
    marks = tmp_path / "marks"
    slow = f"""\
import pathlib, signal, sys, time
marks = pathlib.Path({str(marks)!r})
def end(*_):
    time.sleep(0.3)
    marks.write_text("cleared up")
    sys.exit(2)
signal.signal(signal.SIGTERM, end)
marks.write_text("started")
time.sleep(60)
"""
    module = prepared.packages / ("pytest" if command == "check" else "ruff") / "__main__.py"
    before = module.read_text()
    module.write_text(slow)
    try:
        process = prepared.start(command)
        give_up = time.monotonic() + 30
        while not marks.exists() or not marks.read_text():
            assert time.monotonic() < give_up
            time.sleep(0.02)
        process.terminate()
        status = process.wait(timeout=30)
    finally:
        module.write_text(before)
    assert marks.read_text() == "cleared up"
    assert status == (2 if command == "check" else 128 + signal.SIGTERM)


def test_the_cache_is_shown_and_cleared(fresh: Checkout, tmp_path: Path) -> None:
    kept = tmp_path / "workqueue-spec"
    (kept / "rabbitmq-debian-12").mkdir(parents=True)
    (kept / "rabbitmq-debian-12" / "server").write_bytes(bytes(2_000_000))
    (kept / "rabbitmq-debian-12.lock").touch()

    shown = fresh.run("cache", XDG_CACHE_HOME=str(tmp_path))
    cleared = fresh.run("cache", "clear", XDG_CACHE_HOME=str(tmp_path))

    assert shown.stdout == f"{kept}: 2.0 MB\n       2.0 MB  rabbitmq-debian-12\n"
    assert cleared.stdout.startswith(f"{kept}: 2.0 MB removed\n")
    assert not kept.exists()
