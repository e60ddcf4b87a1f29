"""A producer that cuts the second word of a task after twenty characters.

Breaks P09.
"""

import sys

from reference import new_task

words = sys.argv[1:]
words[1:2] = [word[:20] for word in words[1:2]]
sys.exit(new_task.main(words))
