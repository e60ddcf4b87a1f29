"""The tests of this folder, run by an ordinary user."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workqueue_spec import ROOT

NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env"]
"""`env` is in between, since `setpriv` may find the first program that it starts with root's rights."""
ENVIRONMENT = {
    "PATH": os.defpath,
    "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)]),
    "PYTHONDONTWRITEBYTECODE": "1",
}


def python() -> str:
    """A Python with the suite's dependencies that an ordinary user may run. Skips the test if there is none."""
    for each in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        command = [*NOBODY, each, "-c", "import pamqp, psutil, pytest, workqueue_spec"]
        tried = subprocess.run(command, env=ENVIRONMENT, cwd="/", capture_output=True, check=False)
        if tried.returncode == 0:
            return each
    pytest.skip("an ordinary user has no Python here that could run the suite")


@pytest.mark.skipif(
    os.getuid() != 0, reason="who runs this is an ordinary user already, or cannot become one"
)
@pytest.mark.timeout(300)
def test_an_ordinary_user_has_all_of_this() -> None:
    run = subprocess.run(
        [*NOBODY, python(), "-m", "pytest", str(Path(__file__).parent), "-p", "no:cacheprovider", "-n", "0"],
        env=ENVIRONMENT,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout
