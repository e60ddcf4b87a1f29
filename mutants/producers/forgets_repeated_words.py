"""A producer that leaves out words that were there before.

Breaks P06, P09, P17.
"""

import sys

from reference import new_task

sys.exit(new_task.main(list(dict.fromkeys(sys.argv[1:]))))
