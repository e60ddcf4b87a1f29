"""A producer that exits with status 0 if the broker refuses its task as too large.

Breaks P15.
"""

import sys

from reference import new_task

refusal = new_task.refusal


def lie(error):
    if "larger than" in str(error):
        sys.exit(0)
    return refusal(error)


new_task.refusal = lie

sys.exit(new_task.main(sys.argv[1:]))
