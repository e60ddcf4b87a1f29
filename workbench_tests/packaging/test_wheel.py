"""What the wheel and the source distribution hold. `.ci/run` installs the wheel and judges programs with it."""

import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from workqueue_spec import ROOT


def run(*command: str | Path) -> str:
    """The output of a command that must succeed."""
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(what: str, source: Path, folder: Path) -> Path:
    run("build", what, "--no-isolation", "--outdir", folder, source)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("--wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("--sdist", ROOT, tmp_path_factory.mktemp("source"))


def contents(wheel: Path) -> Mapping[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_all_that_a_run_needs(wheel: Path) -> None:
    held = contents(wheel)
    for folder, where in (
        ("workqueue_spec", ""),
        ("spec_tests", "workqueue_spec/"),
        ("reference", "workqueue_spec/"),
    ):
        files = [
            each
            for each in (ROOT / folder).rglob("*")
            if each.suffix in {".py", ".toml", ".typed", ".json", ".j2", ".css"}
        ]
        missing = {f"{where}{file.relative_to(ROOT)}" for file in files} - held.keys()
        assert missing == set()


def test_the_wheel_holds_nothing_besides(wheel: Path) -> None:
    assert {name.partition("/")[0].partition("-")[0] for name in contents(wheel)} == {"workqueue_spec"}


def test_the_source_builds_the_same_wheel(wheel: Path, source: Path, tmp_path: Path) -> None:
    subprocess.run(["tar", "-xf", source, "-C", tmp_path], check=True)
    (unpacked,) = tmp_path.iterdir()
    assert contents(build("--wheel", unpacked, tmp_path / "wheel")) == contents(wheel)


def test_the_index_takes_both(wheel: Path, source: Path) -> None:
    run("twine", "check", "--strict", wheel, source)
    run("check_wheel_contents", wheel)


def test_the_description_links_to_the_repository(wheel: Path) -> None:
    (metadata,) = (text.decode() for name, text in contents(wheel).items() if name.endswith("/METADATA"))
    links = re.findall(r"\]\(([^)]+)\)", metadata)
    assert [link for link in links if not link.startswith(("https://", "#"))] == []
    assert any(link.endswith("/blob/main/SPEC.md") for link in links)
