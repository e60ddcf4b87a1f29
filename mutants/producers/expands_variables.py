"""A producer that replaces the names of variables in a task by their values, as a shell does.

Breaks P09.
"""

import os
import sys

from reference import new_task

sys.exit(new_task.main([os.path.expandvars(word) for word in sys.argv[1:]]))
