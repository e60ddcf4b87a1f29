"""A line on standard error, where something takes long or was decided."""

import sys


def say(line: str) -> None:
    """Shows the line at once."""
    print(f"workqueue-spec: {line}", file=sys.stderr, flush=True)
