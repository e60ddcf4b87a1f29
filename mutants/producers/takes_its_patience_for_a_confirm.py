"""A producer that reports the task as sent when its time is up, whatever it was waiting for.

Breaks P05, P12.
"""

import os
import sys

from reference import new_task

leave = os._exit
os._exit = lambda _status: leave(0)

sys.exit(new_task.main(sys.argv[1:]))
