#!/usr/bin/env python3
"""Judges a report of the suite, for CI: .ci/judge.py REPORT LEAST VERDICT...

Passes where no clause failed, at least LEAST of them were judged, and the verdict is one of those named. Adds
what it counted to the file that CI_TOTALS names.
"""

import json
import os
import sys
from pathlib import Path


def main(report: str, least: str, *verdicts: str) -> str | None:
    try:
        found = json.loads(Path(report).read_text(encoding="utf-8"))
    except OSError as problem:
        return f"the suite left no report: {problem}"
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
        return f"only {passed} clauses were judged, and {least} are expected"
    if found["verdict"] not in verdicts:
        return f"the verdict is {found['verdict']}, and {' or '.join(verdicts)} is expected"
    return None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
