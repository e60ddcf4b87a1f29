"""A producer that goes on for ever to look for a broker.

Breaks P12.
"""

import itertools
import sys

from reference import new_task

new_task.delays = lambda patience: itertools.repeat(1.0)
new_task.leave_after = lambda *_, **__: None

sys.exit(new_task.main(sys.argv[1:]))
