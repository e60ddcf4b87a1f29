"""A producer that sends `hello` when it is given no words, as Go's tutorial does.

Breaks P24.
"""

import sys

from reference import new_task

sys.exit(new_task.main(sys.argv[1:] or ["hello"]))
