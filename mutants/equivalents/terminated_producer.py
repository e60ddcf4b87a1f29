"""A producer that ignores SIGINT and SIGTERM: it waits on for its confirm, and reports whether its task is sent.

Breaks nothing.
"""

import signal
import sys

from reference import new_task

for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)

sys.exit(new_task.main(sys.argv[1:]))
