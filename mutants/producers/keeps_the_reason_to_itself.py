"""A producer that says that it was refused, but not why.

Breaks P08, P15.
"""

import sys

from reference import new_task

refusal = new_task.refusal
new_task.refusal = lambda error: refusal(error) and "it cannot be sent"

sys.exit(new_task.main(sys.argv[1:]))
