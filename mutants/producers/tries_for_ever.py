"""A producer that looks for a broker without end.

Breaks P12.
"""

import itertools
import sys

from reference import new_task

new_task.delays = lambda patience: itertools.repeat(1.0)
new_task.exit_after = lambda *_, **__: None

sys.exit(new_task.main(sys.argv[1:]))
