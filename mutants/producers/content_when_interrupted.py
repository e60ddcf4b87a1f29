"""A producer that exits with status 0 when it is interrupted (SIGINT), whether or not its task is sent.

Breaks P13.
"""

import sys

from reference import new_task

try:
    status = new_task.main(sys.argv[1:])
except KeyboardInterrupt:
    status = 0

sys.exit(status)
