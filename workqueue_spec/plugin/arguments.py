"""What the arguments of pytest name, and the settings of a run that names the specification."""

import importlib.util
from collections.abc import Iterable
from pathlib import Path

import pytest

from .. import ROOT

SPEC_TESTS = ROOT / "spec_tests"

_SETTINGS = ("-ra", "--strict-markers")
_SIDE_BY_SIDE = "--numprocesses=auto"


def path_of(argument: str, config: pytest.Config) -> Path:
    """The file or folder that the argument names. It may not exist.

    With --pyargs an argument may name a package or module, too.
    """
    name = argument.partition("::")[0]
    if config.known_args_namespace.pyargs and (found := _imported_from(name)):
        return found
    return Path(config.invocation_params.dir, name)


def name_the_specification(arguments: Iterable[str], config: pytest.Config) -> bool:
    """Whether one of the arguments names the specification, a part of it, or a folder that holds it."""
    paths = [path_of(argument, config).resolve() for argument in arguments]
    return any(
        path == SPEC_TESTS or SPEC_TESTS in path.parents or path in SPEC_TESTS.parents for path in paths
    )


def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """Adds the settings that a checkout has in its `pyproject.toml`, if this run has another configuration.

    It is called only if the plugin is named by `-p`. What the user gives comes later, and so it prevails.
    """
    given = early_config.known_args_namespace
    if early_config.inipath == ROOT / "pyproject.toml":
        return
    if name_the_specification(given.file_or_dir, early_config):
        args[:0] = [*_SETTINGS, *([_SIDE_BY_SIDE] if early_config.pluginmanager.has_plugin("xdist") else [])]


def _imported_from(name: str) -> Path | None:
    try:
        found = importlib.util.find_spec(name)
    except (ImportError, ValueError):  # it is no name of a module
        return None
    if found is None or found.origin is None:
        return None
    file = Path(found.origin)
    return file.parent if found.submodule_search_locations else file
