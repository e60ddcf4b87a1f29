"""A producer that leaves out each word that has occurred before.

Breaks P09, P06, P17.
"""

import sys

from reference import new_task

sys.exit(new_task.main(list(dict.fromkeys(sys.argv[1:]))))
