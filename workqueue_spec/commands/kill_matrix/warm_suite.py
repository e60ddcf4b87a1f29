"""Runs of the suite that start in a process which has already imported it.

A run by `python -m pytest` first imports pytest, the plugin and all chapters. That takes more than a second of
processor time, for each of hundreds of mutants. Here one server imports them once, and each run is a fork of it.
"""

import multiprocessing
import os
import sys
from collections.abc import Sequence
from multiprocessing import forkserver
from pathlib import Path

import pytest

from ... import ROOT
from ...broker.run import MARK
from ...plugin import pytest_plugins
from ...specification.chapters import CHAPTERS

_FORKS = multiprocessing.get_context("forkserver")


def start(mark: str) -> None:
    """Starts the server. The server and all its forks carry the mark in their environment, so that `kill_marked`
    finds them.
    """
    chapters = [f"spec_tests.test_{name}" for name in CHAPTERS]
    _FORKS.set_forkserver_preload([*pytest_plugins, *chapters])
    before = os.environ.get(MARK)
    os.environ[MARK] = mark
    try:
        forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ[MARK]
        else:
            os.environ[MARK] = before


def run(arguments: Sequence[str], output: Path) -> None:
    """Runs pytest with these arguments in the checkout's folder, and returns when it has ended. The file `output`
    gets what it prints.
    """
    process = _FORKS.Process(target=_run, args=(list(arguments), str(output)))
    process.start()
    process.join()


def _run(arguments: Sequence[str], output: str) -> None:
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for stream in (1, 2):
        os.dup2(file, stream)
    os.close(file)
    os.chdir(ROOT)
    sys.exit(int(pytest.main(list(arguments))))
