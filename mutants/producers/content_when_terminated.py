"""A producer that ends with status 0 at SIGTERM, whether or not its task is sent.

Breaks P13.
"""

import os
import signal
import sys

from reference import new_task

signal.signal(signal.SIGTERM, lambda number, frame: os._exit(0))

sys.exit(new_task.main(sys.argv[1:]))
