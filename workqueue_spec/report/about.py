"""What a report says of the suite and of the machine.

This module uses the standard library only, since `--version` runs before there is an environment.
"""

import importlib.metadata
import platform
import tomllib

from .. import INSTALLED, ROOT


def suite() -> tuple[str, str]:
    """The name and the version of the suite."""
    if INSTALLED:
        return "workqueue-spec", importlib.metadata.version("workqueue-spec")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["name"], project["version"]


def repository() -> str:
    """The address of this project's repository."""
    if INSTALLED:
        given = importlib.metadata.metadata("workqueue-spec").get_all("Project-URL") or []
        urls = dict(each.split(", ", 1) for each in given)
    else:
        urls = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    return str(urls["Homepage"])


def machine() -> dict[str, str]:
    """The system and the Python of this process."""
    return {
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "python": platform.python_version(),
    }
