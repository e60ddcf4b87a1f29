"""A producer that declares the queue without a type, whatever type the worker declares.

Breaks P07 (quorum).
"""

import os
import sys

from reference import new_task

os.environ.pop("QUEUE_TYPE", None)

sys.exit(new_task.main(sys.argv[1:]))
