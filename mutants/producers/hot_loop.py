"""A producer that connects again without a pause after it could not connect.

Breaks P12.
"""

import itertools
import sys

from reference import new_task

new_task.delays = lambda patience: itertools.repeat(0.001, 300)

sys.exit(new_task.main(sys.argv[1:]))
