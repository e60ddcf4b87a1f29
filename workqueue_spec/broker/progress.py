"""Lines on standard error that tell about decisions, and about steps that take long."""

import sys


def say(line: str) -> None:
    """Shows the line at once."""
    print(f"workqueue-spec: {line}", file=sys.stderr, flush=True)
