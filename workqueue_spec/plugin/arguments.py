"""What the arguments of pytest name, and the settings of a run that names the specification."""

import importlib.util
from collections.abc import Iterable
from pathlib import Path

import pytest

from .. import ROOT

SPEC_TESTS = ROOT / "spec_tests"

_SETTINGS = ("-ra",)
_STRICT = "--strict-markers"
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
    """Whether one of the arguments names the specification, a part of it, or the checkout that holds it.

    A folder above that does not name it: an environment with the suite in it may lie in a team's own folder.
    """
    return any(_names_the_specification(argument, config) for argument in arguments)


def name_own_tests(arguments: Iterable[str], config: pytest.Config) -> bool:
    """Whether one of the arguments names something else: a team's own tests."""
    return not all(_names_the_specification(argument, config) for argument in arguments)


def own_tests(config: pytest.Config) -> list[str]:
    """The files and folders of a team's own tests that the arguments name, from the user's folder."""
    here = config.invocation_params.dir
    named = [path_of(each, config) for each in config.args if not _names_the_specification(each, config)]
    return [str(path.relative_to(here) if path.is_relative_to(here) else path) for path in named]


def _names_the_specification(argument: str, config: pytest.Config) -> bool:
    path = path_of(argument, config).resolve()
    return path in (ROOT, SPEC_TESTS) or SPEC_TESTS in path.parents


def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """Adds the settings that a checkout has in its `pyproject.toml`, if this run has another configuration.

    It is called only if the plugin is named by `-p`. What the user gives comes later, and so it prevails. A run
    of a team's own tests alone gets no settings, and one of both is not strict about a team's own markers.
    """
    given = early_config.known_args_namespace
    if early_config.inipath == ROOT / "pyproject.toml":
        return
    if name_the_specification(given.file_or_dir, early_config):
        strict = [] if name_own_tests(given.file_or_dir, early_config) else [_STRICT]
        side_by_side = [_SIDE_BY_SIDE] if early_config.pluginmanager.has_plugin("xdist") else []
        args[:0] = [*_SETTINGS, *strict, *side_by_side]


def _imported_from(name: str) -> Path | None:
    try:
        found = importlib.util.find_spec(name)
    except (ImportError, ValueError):  # it is no name of a module
        return None
    if found is None or found.origin is None:
        return None
    file = Path(found.origin)
    return file.parent if found.submodule_search_locations else file
