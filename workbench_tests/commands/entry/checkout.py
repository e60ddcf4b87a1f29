"""A small checkout for ./spec, whose dependencies are stand-ins that print the arguments of their calls."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

NEEDED = (
    "workqueue_spec/__init__.py",
    "workqueue_spec/errors.py",
    "workqueue_spec/commands/__init__.py",
    "workqueue_spec/commands/cache.py",
    "workqueue_spec/commands/check.py",
    "workqueue_spec/commands/entry.py",
    "workqueue_spec/commands/parsers.py",
    "workqueue_spec/commands/project_tests.py",
    "workqueue_spec/commands/pytest_arguments.py",
    "workqueue_spec/commands/spelling.py",
    "workqueue_spec/commands/tap/__init__.py",
    "workqueue_spec/commands/tap/options.py",
    "workqueue_spec/commands/version.py",
    "workqueue_spec/programs/__init__.py",
    "workqueue_spec/programs/environment.py",
    "workqueue_spec/programs/reading.py",
    "workqueue_spec/programs/run_options.py",
    "workqueue_spec/programs/signals.py",
    "workqueue_spec/programs/variables.py",
    "workqueue_spec/specification/__init__.py",
    "workqueue_spec/specification/clauses.py",
    "workqueue_spec/specification/edition.py",
    "workqueue_spec/report/about.py",
)
"""All that `./spec` needs before there is an environment."""

TELL = """\
import os, sys
print({module!r}, *sys.argv[1:])
print("folder", os.getcwd())
sys.exit(int(os.environ.get("EXIT_" + {module!r}.upper(), "0")))
"""

MAIN = """\
def main(args, plugins=()):
    import runpy, sys
    sys.argv[1:] = args
    runpy.run_module({module!r}, run_name="__main__", alter_sys=True)
"""
"""pytest is called by its `main`, the other tools as modules."""

Done = subprocess.CompletedProcess[str]


class Checkout:
    """The files that ./spec needs, in a folder of their own."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def make(cls, root: Path) -> "Checkout":
        for name in ("spec_tests", "workbench_tests", ".github/workflows", "workqueue_spec"):
            (root / name).mkdir(parents=True)
        (root / "spec_tests" / "test_chapter.py").touch()
        (root / ".github" / "workflows" / "ci.yml").touch()
        shutil.copy(ROOT / "spec", root)
        for module in NEEDED:
            (root / module).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / module, root / module)
        for module in ("kill_matrix", "ci_files", "report"):
            file = root / "workqueue_spec" / "commands" / f"{module}.py"
            file.write_text(TELL.format(module=module), encoding="utf-8")
        needed = stand_in(root.parent, "needed", ["pytest"])
        extra = stand_in(root.parent, "extra", ["ruff", "mypy", "check_jsonschema"])
        html = stand_in(root.parent, "html", ["drawing"])
        (root / "pyproject.toml").write_text(
            f'[project]\nname = "x"\nversion = "1.2"\ndependencies = ["needed @ {needed.as_uri()}"]\n'
            f'[project.optional-dependencies]\nhtml = ["html @ {html.as_uri()}"]\n'
            f'dev = ["extra @ {extra.as_uri()}", "html @ {html.as_uri()}"]\n'
        )
        return cls(root)

    @property
    def environment(self) -> Path:
        return self.root / ".venv"

    @property
    def packages(self) -> Path:
        """The folder in the environment that holds the installed packages."""
        return next(self.environment.glob("lib/python3*/site-packages"))

    @property
    def variables(self) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return {"PATH": path, "HOME": str(self.root.parent), "PIP_NO_INDEX": "1"}

    def run(self, *arguments: str, folder: Path | None = None, **variables: str) -> Done:
        """Runs ./spec to its end, in the checkout or in another folder."""
        return subprocess.run(
            [self.root / "spec", *arguments],
            cwd=folder or self.root,
            env=self.variables | variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [self.root / "spec", *arguments],
            env=self.variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )


def stand_in(folder: Path, name: str, modules: list[str]) -> Path:
    wheel = folder / f"{name}-1-py3-none-any.whl"
    info = f"{name}-1.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        for module in modules:
            archive.writestr(f"{module}/__init__.py", MAIN.format(module=module))
            archive.writestr(f"{module}/__main__.py", TELL.format(module=module))
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return wheel
