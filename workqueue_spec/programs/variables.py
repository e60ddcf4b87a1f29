"""Environment variables: those that the suite's own Python needs, and those that the user had set."""

import json
from collections.abc import Mapping
from pathlib import Path

from .. import INSTALLED

_PYTHON = frozenset(
    {
        *("PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH", "__PYVENV_LAUNCHER__"),
        *("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"),
    }
)
"""Variables that decide from where Python imports modules, and where it keeps their compiled form."""

_USERS = "WORKQUEUE_SPEC_USERS_PYTHON"
"""The variable that keeps the user's values of `_PYTHON`, as JSON."""


def for_the_suite(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables with which Python imports from its environment only, and not from the current folder."""
    users = {name: value for name, value in variables.items() if name in _PYTHON}
    rest = {name: value for name, value in variables.items() if name not in _PYTHON}
    return {**rest, "PYTHONSAFEPATH": "1", _USERS: json.dumps(users)}


def for_its_python(variables: Mapping[str, str], python: Path) -> dict[str, str]:
    """The same for a run by the Python of this environment, which keeps compiled modules in the environment.

    A start then takes a third of the time, even if the checkout cannot be written to. An installed suite has its
    compiled modules beside it, where the installer put them.
    """
    if INSTALLED:
        return for_the_suite(variables)
    return {**for_the_suite(variables), "PYTHONPYCACHEPREFIX": str(python.parents[1] / "bytecode")}


def for_a_program(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables that `for_the_suite` was given: a program under test runs as it does without the suite."""
    rest = {name: value for name, value in variables.items() if not name.startswith("PYTEST_")}
    if _USERS not in rest:  # the user started pytest, not ./spec
        return rest
    users: dict[str, str] = json.loads(rest.pop(_USERS))
    return {name: value for name, value in rest.items() if name not in _PYTHON} | users
