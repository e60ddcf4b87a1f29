"""A producer that tries to connect again at once when it could not.

Breaks P12.
"""

import itertools
import sys

from reference import new_task

new_task.delays = lambda patience: itertools.repeat(0.001, 300)

sys.exit(new_task.main(sys.argv[1:]))
