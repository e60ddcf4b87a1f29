"""A producer that puts the values of variables into its tasks, as a shell would.

Breaks P09.
"""

import os
import sys

from reference import new_task

sys.exit(new_task.main([os.path.expandvars(word) for word in sys.argv[1:]]))
