"""A producer that waits on for its confirm when it is told to leave (SIGINT or SIGTERM), and reports what comes of
its task.

Breaks nothing.
"""

import signal
import sys

from reference import new_task

for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)

sys.exit(new_task.main(sys.argv[1:]))
