#!/usr/bin/env python3
"""Judges a report of the suite, for CI.

Usage: .ci/judge.py REPORT LEAST VERDICT...

Passes if no clause failed, at least LEAST clauses passed, and the verdict is one of VERDICT. Appends the numbers of
passed and failed clauses to the file that the environment variable CI_TOTALS names.
"""

import json
import os
import sys
from pathlib import Path


def main(report: str, least: str, *verdicts: str) -> str | None:
    """A sentence that says why the report does not pass; None if it passes."""
    try:
        found = json.loads(Path(report).read_text(encoding="utf-8"))
    except OSError as error:
        return f"the suite wrote no report: {error}"
    counts = found["counts"]
    passed, failed = counts["passed"], counts["failed"]
    sys.stdout.write(
        f"{found['verdict']}: {passed} passed, {failed} failed, {counts['not judged']} not judged\n"
    )
    with Path(os.environ["CI_TOTALS"]).open("a", encoding="utf-8") as totals:
        totals.write(f"{passed} {failed}\n")
    if failed:
        return f"{failed} clauses failed"
    if passed < int(least):
        return f"only {passed} clauses passed, and at least {least} are expected"
    if found["verdict"] not in verdicts:
        return f"the verdict is {found['verdict']}, but {' or '.join(verdicts)} is expected"
    return None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
