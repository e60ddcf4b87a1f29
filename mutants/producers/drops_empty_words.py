"""A producer that leaves out empty words.

Breaks P09.
"""

import sys

from reference import new_task

sys.exit(new_task.main([word for word in sys.argv[1:] if word]))
