"""A producer that drops a byte order mark at the beginning of a task.

Breaks P09.
"""

import sys

from reference import new_task

sys.exit(new_task.main([word.removeprefix("\ufeff") for word in sys.argv[1:]]))
