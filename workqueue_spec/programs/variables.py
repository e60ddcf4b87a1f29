"""The environment variables: as the suite's own Python needs them, and as the user had them."""

import json
from collections.abc import Mapping
from pathlib import Path

_OURS = frozenset(
    {
        *("PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH", "__PYVENV_LAUNCHER__"),
        *("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"),
    }
)
"""Variables that decide where Python takes its modules from, and where it keeps them compiled."""

_USERS = "WORKQUEUE_SPEC_USERS_PYTHON"
"""Holds what the user had set of them."""


def for_the_suite(variables: Mapping[str, str]) -> dict[str, str]:
    """Makes Python take its modules from the environment alone, not even from the user's working folder."""
    users = {name: value for name, value in variables.items() if name in _OURS}
    rest = {name: value for name, value in variables.items() if name not in _OURS}
    return {**rest, "PYTHONSAFEPATH": "1", _USERS: json.dumps(users)}


def for_its_python(variables: Mapping[str, str], python: Path) -> dict[str, str]:
    """The same for a run by the Python of this environment, which keeps what it compiles for itself.

    A start takes a third of the time then, also from a checkout that takes no files.
    """
    return {**for_the_suite(variables), "PYTHONPYCACHEPREFIX": str(python.parents[1] / "bytecode")}


def for_a_program(variables: Mapping[str, str]) -> dict[str, str]:
    """What `for_the_suite` was given, so that a program under test runs as it does without the suite."""
    rest = {name: value for name, value in variables.items() if not name.startswith("PYTEST_")}
    if _USERS not in rest:  # pytest was started by itself
        return rest
    users: dict[str, str] = json.loads(rest.pop(_USERS))
    return {name: value for name, value in rest.items() if name not in _OURS} | users
