"""A producer that leaves the queue's type to the broker, whatever the worker asks for.

Breaks P07 (quorum).
"""

import os
import sys

from reference import new_task

os.environ.pop("QUEUE_TYPE", None)

sys.exit(new_task.main(sys.argv[1:]))
