"""The arguments with which pytest judges what a user names.

This module uses the standard library only, since it runs before there is an environment.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from .. import INSTALLED, ROOT, cache_folder
from ..programs.run_options import OPTIONS

_SUITE = ROOT / "spec_tests"

TAKES_A_PATH = {"--deselect", "--ignore", "--ignore-glob"}
"""pytest's options whose value is a test's path: that test is not one to run."""

_TAKES_A_VALUE = {
    *(option.name for option in OPTIONS),
    *TAKES_A_PATH,
    *("--lie", "--part-of"),
    *(
        "-k",
        "-m",
        "-c",
        "-p",
        "-o",
        "-n",
        "-W",
        "--config-file",
        "--override-ini",
        "--numprocesses",
        "--dist",
    ),
    *("--rootdir", "--confcutdir", "--basetemp", "--junit-xml", "--junitxml", "--log-file", "--import-mode"),
}
"""Options whose value may have the name of a file or folder, and is no test to run."""


def for_pytest(python: Path, arguments: Sequence[str], own: Sequence[Path] = ()) -> list[str]:
    """The arguments with the settings of a run. `own` are the user's own tests among them.

    pytest's cache is in the environment, since the checkout may not be writable.
    """
    kept = (cache_folder() if INSTALLED else python.parents[1]) / "pytest-cache"
    settings = ["-c", str(ROOT / "pyproject.toml")]
    if INSTALLED or own:  # the plugin has the settings; no configuration of the user's is read
        settings = ["-c", os.devnull, "-p", "workqueue_spec.plugin"]
    return [*settings, f"--rootdir={_root(arguments, own)}", "-o", f"cache_dir={kept}", *arguments]


def _root(arguments: Sequence[str], own: Sequence[Path]) -> Path:
    """The folder from which pytest names the tests."""
    here = Path.cwd().resolve()
    if not own:
        return ROOT
    if any(_lies_in_the_suite(Path(each.partition("::")[0])) for each in arguments):
        return Path(os.path.commonpath([ROOT, *own]))
    return here if all(each.is_relative_to(here) for each in own) else Path(os.path.commonpath(own))


def with_tests(arguments: Sequence[str]) -> list[str]:
    """The arguments, with the absolute path of each test that they name, or of the whole specification without any.

    A test may be named relative to the current folder, or as pytest prints it, relative to the checkout. A
    user's own tests are run instead of the specification; if both are named, both are run.
    """
    before = ""
    result = []
    named = bool(own_tests(arguments))
    for argument in arguments:
        path, colons, name = argument.partition("::")
        test = next((p for p in (Path.cwd() / path, ROOT / path) if _lies_in_the_suite(p)), None)
        if test is None or argument.startswith("-") or before in TAKES_A_PATH:
            result.append(argument)
        else:
            result.append(f"{test}{colons}{name}")
            named = True
        before = argument
    return result if named else [str(_SUITE), *result]


def own_tests(arguments: Sequence[str]) -> list[Path]:
    """The Python files and folders among the arguments that are not of the specification: a user's own tests."""
    own = []
    for before, argument in zip(["", *arguments], arguments, strict=False):
        found = _found(Path.cwd() / argument.partition("::")[0])
        if (
            found is None
            or argument.startswith("-")
            or before in _TAKES_A_VALUE
            or found.is_relative_to(_SUITE)
        ):
            continue
        if found.suffix == ".py" or (found.is_dir() and not _SUITE.is_relative_to(found)):
            own.append(found)
    return own


def _lies_in_the_suite(path: Path) -> bool:
    found = _found(path)
    return found is not None and found.is_relative_to(_SUITE)


def _found(path: Path) -> Path | None:
    try:
        return path.resolve(strict=True)
    except (OSError, ValueError):  # there is no such file, or this cannot be the name of a file
        return None
