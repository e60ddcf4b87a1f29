"""A step of `./spec test`: checks the files that a CI obeys: workflows, the action, and the examples in docs/ci.

The schemas and zizmor come with the extra `dev`. actionlint is a program in Go. Its package on PyPI downloads it
from GitHub when it is installed, which not every machine can. So the one on the PATH is used, otherwise Go fetches
it.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .. import ROOT

ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"


def main() -> int:
    """Runs every check, even after one that found something. Returns 0 if none found anything."""
    workflows = [*sorted((ROOT / ".github" / "workflows").glob("*.yml")), ROOT / "docs" / "ci" / "github.yml"]
    action = ROOT / "action.yml"
    bin_folder = Path(sys.executable).parent
    found = [
        _run(_schema("github-workflows", workflows)),
        _run(_schema("github-actions", [action])),
        _run(_schema("gitlab-ci", [ROOT / "docs" / "ci" / "gitlab.yml"])),
        # Offline, so that what it finds does not depend on the network or on a token.
        _run([bin_folder / "zizmor", "--offline", "--no-progress", "--quiet", *workflows, action]),
    ]
    if actionlint := _actionlint():
        found.append(_run([*actionlint, *workflows]))
    else:
        print("actionlint was left out: it is not on the PATH, and there is no Go that can fetch it.")
        found.append(bool(os.environ.get("GITHUB_ACTIONS")))  # there nothing is left out
    return int(any(found))


def _schema(name: str, files: Sequence[Path]) -> list[str | Path]:
    return [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{name}", *files]


def _actionlint() -> list[str]:
    """The command that runs actionlint; empty if this machine has neither it nor a Go that can fetch it."""
    if installed := shutil.which("actionlint"):
        return [installed]
    go = shutil.which("go")
    if go is None or subprocess.run([go, "run", ACTIONLINT, "-version"], check=False).returncode != 0:
        return []
    return [go, "run", ACTIONLINT]


def _run(command: Sequence[str | Path]) -> bool:
    """Whether the command found something."""
    print(f"-- {' '.join(Path(each).name for each in command[:5])}", flush=True)
    return subprocess.run(command, cwd=ROOT, check=False).returncode != 0


if __name__ == "__main__":
    sys.exit(main())
