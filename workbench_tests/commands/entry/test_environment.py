"""./spec makes its environment once, and makes it again only if necessary."""

import tomllib
from pathlib import Path

import pytest

from workqueue_spec.programs.variables import for_a_program, for_its_python, for_the_suite

from .checkout import Checkout, stand_in

ROOT = Path(__file__).resolve().parents[3]
ANNOUNCED = "Preparing the environment (once) in"


def test_the_second_start_makes_nothing(prepared: Checkout) -> None:
    assert prepared.run("check").stderr == ""


def test_a_changed_pyproject_installs_what_it_adds(prepared: Checkout) -> None:
    added = stand_in(prepared.root.parent, "added", ["added"])
    project = prepared.root / "pyproject.toml"
    project.write_text(
        project.read_text().replace("dependencies = [", f'dependencies = ["added @ {added.as_uri()}", ', 1)
    )

    said = prepared.run("check").stderr

    assert ANNOUNCED in said
    assert "  Installing collected packages: " in said, "what pip does is told while it works"
    assert (prepared.packages / "added").is_dir()
    assert prepared.run("test").stderr == "", "it keeps what the tests need"


@pytest.mark.parametrize(
    "arguments",
    [["check", "--report-html", "x.html"], ["check", "--report-html=x.html"], ["report", "x.json"]],
)
def test_what_shows_html_prepares_what_it_needs(fresh: Checkout, arguments: list[str]) -> None:
    assert fresh.run("check").returncode == 0
    assert not (fresh.packages / "drawing").exists()

    done = fresh.run(*arguments)

    assert done.returncode == 0, done.stderr
    assert ANNOUNCED in done.stderr
    assert (fresh.packages / "drawing").is_dir()
    assert fresh.run("check").stderr == ""
    assert fresh.run(*arguments).stderr == ""


def test_what_the_tests_need_shows_html_too(prepared: Checkout) -> None:
    assert prepared.run("check", "--report-html", "x.html").stderr == ""
    assert prepared.run("test").stderr == ""


def test_two_first_starts_at_once_make_it_once(fresh: Checkout) -> None:
    starts = [fresh.start("check") for _ in range(2)]
    said = [start.communicate(timeout=90)[1] for start in starts]
    assert [start.returncode for start in starts] == [0, 0], said
    assert sum(ANNOUNCED in text for text in said) == 1
    assert sum("Waiting for another start" in text for text in said) == 1


def test_an_environment_that_was_half_made_or_moved_is_made_anew(fresh: Checkout) -> None:
    (fresh.environment / "lib").mkdir(parents=True)
    (fresh.environment / "lib" / "half").touch()
    (fresh.environment / "spec.lock").touch()

    assert ANNOUNCED in fresh.run("check").stderr

    assert not (fresh.environment / "lib" / "half").exists()
    moved = Checkout(fresh.root.rename(fresh.root.parent / "moved"))
    done = moved.run("check")
    assert ANNOUNCED in done.stderr
    assert done.returncode == 0
    assert f"{moved.root}/spec_tests" in done.stdout


def test_an_environment_whose_python_is_gone_is_made_anew(fresh: Checkout) -> None:
    fresh.run("check")
    python = fresh.environment / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3")
    done = fresh.run("check")
    assert ANNOUNCED in done.stderr
    assert done.returncode == 0


def test_an_environment_that_the_user_made_is_left_alone(fresh: Checkout) -> None:
    (fresh.environment).mkdir()
    (fresh.environment / "his").touch()
    done = fresh.run("check", XDG_CACHE_HOME=str(fresh.root.parent / "cache"))
    assert done.returncode == 0, done.stderr
    assert f"{ANNOUNCED} {fresh.root.parent}/cache/workqueue-spec/" in done.stderr
    assert [entry.name for entry in (fresh.environment).iterdir()] == ["his"]


def test_what_cannot_be_installed_is_told_and_tried_again(fresh: Checkout) -> None:
    needed = fresh.root.parent / "needed-1-py3-none-any.whl"
    away = needed.rename(fresh.root.parent / "away")
    done = fresh.run("check")
    assert done.returncode == 3
    assert str(needed) in done.stderr
    last = done.stderr.splitlines()[-1]
    assert (
        last == "spec: pip could not install what the suite needs; its last lines are above (exit status 1)."
    )

    away.rename(needed)
    assert fresh.run("check").returncode == 0


def test_a_program_finds_the_variables_as_the_user_has_them() -> None:
    users = {"PATH": "/bin", "PYTHONPATH": "src", "PYTHONSAFEPATH": ""}
    ours = for_the_suite(users)
    assert "PYTHONPATH" not in ours
    assert ours["PYTHONSAFEPATH"] == "1"
    assert for_a_program(ours | {"PYTEST_CURRENT_TEST": "x", "PYTHONPATH": "set by xdist"}) == users


def test_what_the_suite_compiles_it_keeps_for_itself(tmp_path: Path) -> None:
    users = {"PYTHONDONTWRITEBYTECODE": "1"}
    ours = for_its_python(users, tmp_path / "bin" / "python")
    assert "PYTHONDONTWRITEBYTECODE" not in ours
    assert ours["PYTHONPYCACHEPREFIX"] == str(tmp_path / "bytecode")
    assert for_a_program(ours) == users


def test_a_start_leaves_nothing_in_the_checkout(prepared: Checkout) -> None:
    prepared.run("check")
    assert list(prepared.root.glob("spec_tests/**/*.pyc")) == []
    assert list(prepared.environment.glob("bytecode/**/*.pyc")) != []


def test_variables_are_as_they_are_where_pytest_was_started_by_itself() -> None:
    assert for_a_program({"PYTHONPATH": "src"}) == {"PYTHONPATH": "src"}


def test_the_tests_of_this_project_need_all_that_the_html_report_needs() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set(extras["html"]) <= set(extras["dev"])
