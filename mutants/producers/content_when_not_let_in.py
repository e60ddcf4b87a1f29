"""A producer that exits with status 0 when the broker refuses its user or password.

Breaks P08.
"""

import sys

from reference import new_task

refusal = new_task.refusal


def lie(error):
    words_of_broker = refusal(error)
    if words_of_broker and words_of_broker.startswith("403"):
        sys.exit(0)
    return words_of_broker


new_task.refusal = lie

sys.exit(new_task.main(sys.argv[1:]))
