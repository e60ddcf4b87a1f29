"""`./spec site`: makes the pages of a site from the JSON reports of many runs."""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from .. import ROOT
from ..errors import SetupError
from ..programs import signals
from ..report import file
from ..report.about import repository
from ..report.html.installed import check_installed
from ..report.site.entries import Breaker
from ..report.site.pages import site
from ..report.site.runs import Program, mistake_in, programs
from . import parsers
from .kill_matrix.mutant import mutants
from .spelling import MISUSED

INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Writes the site, and prints where it begins. Returns 0, or 4 if a file is no report or nothing can be
    written.
    """
    given = parsers.site().parse_args(arguments)
    try:
        check_installed("site")
        _check_folder(given.output)
        _write(programs([(each, file.read(each, mistake_in)) for each in given.reports]), given.output)
    except SetupError as error:
        print(f"spec: {error}", file=sys.stderr)
        return MISUSED
    print(given.output / "index.html")
    return 0


def _check_folder(folder: Path) -> None:
    """Raises SetupError if the folder holds something: a page of an earlier site would stay there."""
    if folder.exists() and not folder.is_dir():
        raise SetupError(f"{folder} is no folder; name a new folder with -o.")
    if folder.is_dir() and any(folder.iterdir()):
        raise SetupError(f"{folder} is not empty; remove it, or name a new folder with -o.")


def _write(judged: Sequence[Program], folder: Path) -> None:
    """Writes the whole site, or nothing."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise SetupError(f"The site {folder} cannot be written: {error.strerror}.") from None
    try:
        for name, content in site(judged, list(_breakers()), repository()):
            target = unfinished / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8")
        unfinished.chmod(0o755)  # mkdtemp lets nobody else read it
        unfinished.replace(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _breakers() -> Iterator[Breaker]:
    """The mutants, with the clauses that they break with either queue type. There are none without a clone."""
    with_quorum = {each.name: each for each in mutants("quorum")}
    for each in mutants("classic"):
        breaks = tuple(dict.fromkeys([*each.expected, *with_quorum[each.name].expected]))
        if breaks and not each.equivalent:
            yield Breaker(each.name, str(each.file.relative_to(ROOT)), each.says, breaks)


if __name__ == "__main__":
    signals.run(main, INTERRUPTED)
