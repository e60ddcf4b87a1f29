"""`./spec report`: shows a JSON report as a page of HTML, or its behaviours as pictures."""

import sys
from collections.abc import Sequence
from pathlib import Path

from ..errors import SetupError
from ..programs import signals
from ..report import file
from ..report.about import repository
from ..report.html.installed import check_installed, mistake_in
from ..report.html.page import page
from ..report.html.pictures import pictures
from . import parsers
from .spelling import MISUSED

INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Writes the page, or the pictures, and prints where. Returns 0, or 4 if there is no report or nothing can be
    written.
    """
    given = parsers.report().parse_args(arguments)
    try:
        check_installed("report")
        if given.pictures is not None:
            written = _pictures(given.report, given.pictures)
        else:
            written = [_page(given.report, given.output)]
    except SetupError as error:
        print(f"spec: {error}", file=sys.stderr)
        return MISUSED
    for each in written:
        print(each)
    return 0


def _page(report: Path, output: Path | None) -> Path:
    target = report.with_suffix(".html") if output is None else output
    found = file.read(report, mistake_in)
    if target == report:
        raise SetupError(f"The page would replace {report}; name another file with -o.")
    file.check(target, "page")
    file.write_text(page(found, repository()), target)
    return target


def _pictures(report: Path, folder: Path) -> list[Path]:
    found = file.read(report, mistake_in)
    made = dict(pictures(found))
    if not made:
        raise SetupError(f"{report} has no behaviour that passed, so there is nothing to draw.")
    for name in made:
        file.check(folder / name, "picture")
    for name, content in made.items():
        file.write_text(content, folder / name)
    return [folder / name for name in made]


if __name__ == "__main__":
    signals.run(main, INTERRUPTED)
