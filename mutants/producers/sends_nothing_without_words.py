"""A producer that sends an empty task when it is given no words.

Breaks P24.
"""

import sys

from reference import new_task

sys.exit(new_task.main(sys.argv[1:] or [""]))
