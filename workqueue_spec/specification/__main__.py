"""Writes SPEC.md, or the file of an edition."""

import argparse
import sys

from ..errors import SetupError
from . import document, edition
from .chapters import all_clauses


def main() -> int:
    """Returns the exit status: 0 if the file is written, 4 if a sentence says why not."""
    parser = argparse.ArgumentParser(
        prog="python -m workqueue_spec.specification",
        description="Writes SPEC.md from the clauses in spec_tests/, or the file of an edition.",
    )
    parser.add_argument("--edition", metavar="NAME", help="write the file of this edition, as a draft")
    parser.add_argument(
        "--final", action="store_true", help="the edition is no draft: it never changes again"
    )
    given = parser.parse_args()
    if given.final and given.edition is None:
        parser.error("--final needs --edition NAME")
    if given.edition is None:
        document.main()
        return 0
    clauses = all_clauses()
    try:
        print(f"Wrote {edition.write(given.edition, clauses, draft=not given.final)}.")
    except SetupError as error:
        print(error, file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
