r"""A producer that reads `\n` in a task as the end of a line, as `echo` does in some shells.

Breaks P09.
"""

import sys

from reference import new_task

sys.exit(new_task.main([word.replace(r"\n", "\n") for word in sys.argv[1:]]))
