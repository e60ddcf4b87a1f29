"""A producer that declares no queue: it reports a task that has no queue, since the broker returns the task.

Breaks P07.
"""

import sys

from reference import new_task

new_task.declare = lambda *_: None
sys.exit(new_task.main(sys.argv[1:]))
